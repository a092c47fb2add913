import type { DemandClass } from '../snapshot/framework.ts';
import type { Meta } from '../snapshot/reading/objects.ts';
import type { Vacancy } from '../snapshot/slots.ts';
import type { Storage } from '../snapshot/volumes/storage.ts';
import { ownClaims } from '../snapshot/volumes/own-volumes.ts';

/** A class before it has a number. */
export type NamedClass = Omit<DemandClass, 'id' | 'framework' | 'avoids'>;

/**
 * A class whose tasks have volumes of their own, by what is there of these. Tasks that lack a claim stay together: nothing
 * binds them yet, and the claim is made once there is room for its task, so that no volume is made for a task that quota
 * forbids. Each other task is a class by itself, since it goes where its volumes can be.
 * @returns the former class first, then the others, whose tasks count in its size
 */
export function byClaims(
  whole: NamedClass,
  workload: Meta,
  { claims }: Pick<Storage, 'claims'>,
): [NamedClass, ...NamedClass[]] {
  const { shape } = whole;
  const lacking: Vacancy[] = [];
  const others: NamedClass[] = [];
  for (const vacancy of whole.pending) {
    const own = ownClaims(shape.ownVolumes, workload, whole.group, vacancy);
    const lacks = own.filter(({ name }) => !claims.has(`${shape.namespace}/${name}`));
    if (lacks.length > 0) lacking.push({ ...vacancy, claims: own, lacks });
    else {
      const uses = own.map(({ name, owner }) => ({ name, owner }));
      const bound = { ...shape, claims: [...shape.claims, ...uses] };
      others.push({ ...whole, shape: bound, size: 0, pending: [{ ...vacancy, claims: own }] });
    }
  }
  return [{ ...whole, pending: lacking }, ...others];
}

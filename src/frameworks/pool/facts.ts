import {
  gameServerPoolSpec,
  gameServerPoolStatus,
  type GameServerPoolSpec,
  type GameServerPoolStatus,
} from '../../api/gameserverpool.ts';
import { LABEL } from '../../api/group.ts';
import { KIND } from '../../api/kinds.ts';
import {
  commonFacts,
  keptTemplate,
  NO_TEMPLATE,
  shapeOf,
  type RawObject,
  type Workload,
} from '../../snapshot/workload.ts';

/** A GameServerPool, read. */
export type PoolFacts = Workload<GameServerPoolSpec, GameServerPoolStatus>;

/** Reads a GameServerPool. */
export function poolFacts(raw: RawObject): PoolFacts {
  const facts = commonFacts<GameServerPoolSpec, GameServerPoolStatus>(
    raw,
    gameServerPoolSpec,
    gameServerPoolStatus,
    { template: NO_TEMPLATE },
  );
  const { name, namespace = '' } = facts.metadata;
  const { template, ports } = facts.spec;
  const shape = shapeOf(template, ports, namespace, { [LABEL.pool]: name });
  const spec = { ...facts.spec, template: keptTemplate(shape) };
  return { ...facts, names: KIND.pool, spec, groups: [{ name: '', shape }] };
}

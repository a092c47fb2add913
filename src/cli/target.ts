import type { Target } from '../dump/index.ts';

/** How kinds may be written, as kubectl allows. */
const KINDS: ReadonlyMap<string, 'pod' | 'gsp' | 'tj'> = new Map([
  ['pod', 'pod'],
  ['pods', 'pod'],
  ['po', 'pod'],
  ['gsp', 'gsp'],
  ['gameserverpool', 'gsp'],
  ['gameserverpools', 'gsp'],
  ['tj', 'tj'],
  ['trainingjob', 'tj'],
  ['trainingjobs', 'tj'],
]);

/** A target, given the namespace of one that names none. */
export type TargetIn = (namespace: string) => Target;

/**
 * Reads what is to be explained: whatever explain prints as the name of a Pod or a workload, too.
 * @returns undefined when it is no name
 */
export function readTarget(text: string): TargetIn | undefined {
  const [first = '', second, third, ...more] = text.split('/');
  if (`/${text}/`.includes('//')) return undefined;
  if (second === undefined) return (namespace) => ({ kind: 'pod', namespace, name: first });
  const kind = KINDS.get(first.toLowerCase());
  if (third === undefined) {
    if (kind === undefined) return () => ({ kind: 'pod', namespace: first, name: second });
    return (namespace) => ({ kind, namespace, name: second });
  }
  if (kind === undefined || more.length > 0) return () => ({ kind: 'workload', id: text });
  return () => ({ kind, namespace: second, name: third });
}

import type { Target } from '../dump/index.ts';
import { UsageError } from './usage-error.ts';

/** How kinds may be written, as kubectl allows. */
const KINDS: ReadonlyMap<string, Target['kind']> = new Map([
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

/**
 * Reads what is to be explained.
 * @returns makes the target, given the namespace of one that names none
 * @throws UsageError
 */
export function readTarget(text: string): (namespace: string) => Target {
  const words = text.split('/');
  const [first = '', second, third] = words;
  if (words.every((word) => word !== '') && words.length <= 3) {
    if (second === undefined) return (namespace) => ({ kind: 'pod', namespace, name: first });
    const kind = KINDS.get(first.toLowerCase());
    if (kind !== undefined && third === undefined) return (namespace) => ({ kind, namespace, name: second });
    if (kind !== undefined && third !== undefined) return () => ({ kind, namespace: second, name: third });
  }
  throw new UsageError(
    `a target is POD, gsp/NAME or tj/NAME, with a namespace gsp/NAMESPACE/NAME or pod/NAMESPACE/NAME, not "${text}"`,
  );
}

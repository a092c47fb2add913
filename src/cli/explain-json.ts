import type { Explained, Verdict } from '../dump/index.ts';

/** What is printed of a node: the cause only where there is one. */
type NodeEntry = Omit<Verdict, 'cause'> & Partial<Pick<Verdict, 'cause'>>;

/** An entry of the array, as it is printed: one for each Pod. */
interface ExplainedEntry {
  /** namespace/name. */
  readonly pod: string;
  readonly workload?: string;
  readonly waiting: boolean;
  readonly node?: string;
  readonly held?: { readonly reason: string; readonly message: string };
  readonly queue?: Explained['queue'];
  readonly unsupported?: readonly string[];
  readonly unknown?: readonly string[];
  readonly fits: readonly string[];
  readonly verdicts: Readonly<Record<string, NodeEntry>>;
}

function verdictsOf({ verdicts }: Explained): ExplainedEntry['verdicts'] {
  return Object.fromEntries(
    [...verdicts].map(([node, { fits, reasons, missing, scores, room, fault, cause }]) => [
      node,
      { fits, reasons, missing, scores, room, fault, ...(cause === '' ? {} : { cause }) },
    ]),
  );
}

/** The entry of each of the Pods, which are alike but for their names. */
function entriesOf(explained: Explained): ExplainedEntry[] {
  const { pods, workload, waiting, node, held, queue, unsupported, unknown, fits } = explained;
  const verdicts = verdictsOf(explained);
  return pods.map((pod) => ({
    pod,
    ...(workload === undefined ? {} : { workload }),
    waiting,
    ...(node === undefined ? {} : { node }),
    ...(held === undefined ? {} : { held: { reason: held.reason, message: held.message } }),
    ...(queue === undefined ? {} : { queue }),
    ...(unsupported.length === 0 ? {} : { unsupported }),
    ...(unknown.length === 0 ? {} : { unknown }),
    fits,
    verdicts,
  }));
}

/** One JSON array, in parts: that of a large cluster is longer than a text can be. */
export function* explainedJson(all: Iterable<Explained>): Generator<string> {
  let separator = '[\n';
  for (const explained of all) {
    for (const entry of entriesOf(explained)) {
      yield separator + JSON.stringify(entry);
      separator = ',\n';
    }
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { podPath } from '../lib/pod-path.ts';

/** Time between two tries for a log that is not there yet, or that broke off, ms. */
const AGAIN_MS = 1000;

/** The log of one container. */
export interface WantedLog {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Its last lines alone; all when left out. */
  readonly tail: number | undefined;
  /** Whether to go on until its Pod has ended. */
  readonly follow: boolean;
}

/**
 * Reads a log line by line. One that is followed is waited for until its container starts, and taken up after its last line
 * when the connection breaks.
 * @param isOver whether the Pod has ended
 * @throws KubeError; of a log that is followed only when it may not be read
 */
export async function readLog(
  client: Pick<KubeClient, 'stream'>,
  { namespace, pod, container, tail, follow }: WantedLog,
  isOver: () => boolean,
  onLine: (line: string) => void,
): Promise<void> {
  /** When the last line was written, as the kubelet says. */
  let last = '';
  for (;;) {
    // What ended before it is read is read to its end.
    const isLast = !follow || isOver();
    const since = last === '' ? { tailLines: tail } : { sinceTime: last };
    const query = { container, follow, timestamps: true, ...since };
    const known = last;
    const take = (line: string): void => {
      const [at = ''] = line.split(' ', 1);
      if (at <= known) return;
      last = at;
      onLine(line.slice(at.length + 1));
    };
    try {
      const body = await client.stream({ path: `${podPath(namespace, pod)}/log`, query });
      let rest = '';
      for await (const text of body.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        lines.forEach(take);
      }
      if (rest !== '') take(rest);
    } catch (error) {
      if (isKubeError(error, 'notFound') && follow) return;
      if (isLast || isKubeError(error, 'forbidden', 'unauthorized')) throw error;
    }
    if (isLast) return;
    await systemClock.sleep(AGAIN_MS);
  }
}

import { LABEL } from '../../src/api/group.ts';
import { PodWatch, type WatchedPod } from '../support/pod-watch.ts';

interface ServerPod extends WatchedPod {
  readonly metadata: WatchedPod['metadata'] & { readonly labels?: Readonly<Record<string, string>> };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** A server as the API server's watch shows it. */
export interface Server {
  readonly name: string;
  readonly revision: string;
  /** Ready, and not on its way out. */
  readonly ready: boolean;
  readonly held: boolean;
}

const isFree = (server: Server | undefined): boolean => server?.ready === true && !server.held;

/** Every server of a namespace at every moment. */
export class Servers extends PodWatch<ServerPod> {
  readonly now = new Map<string, Server>();
  /** Names of servers that went while players held them. */
  readonly lost: string[] = [];
  /** Servers that are Ready and that nobody holds, and those that somebody holds. */
  free = 0;
  held = 0;
  /** Hears of each change, after it. */
  onChange: () => void = () => {};

  /** Servers that a filter picks, by name. */
  which(filter: (server: Server) => boolean): string[] {
    return [...this.now.values()].filter(filter).map(({ name }) => name);
  }

  protected take(type: string, { metadata, status }: ServerPod): void {
    const { uid, name, labels = {}, deletionTimestamp } = metadata;
    const before = this.now.get(uid);
    const goes = type === 'DELETED' || deletionTimestamp !== undefined;
    const after: Server | undefined = goes
      ? undefined
      : {
          name,
          revision: labels[LABEL.revision] ?? '',
          ready: status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false,
          held: labels[LABEL.state] !== undefined,
        };
    if (goes && before?.held) this.lost.push(name);
    if (after) this.now.set(uid, after);
    else this.now.delete(uid);
    this.free += Number(isFree(after)) - Number(isFree(before));
    this.held += Number(after?.held ?? false) - Number(before?.held ?? false);
    this.onChange();
  }
}

import { KubeClient } from '../../../src/kube/client.ts';
import { Reflector, type ReflectorOptions } from '../../../src/kube/reflector.ts';
import { Store } from '../../../src/kube/store.ts';
import { keyOf, type KubeList } from '../../../src/kube/types.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { FaultProxy } from '../../support/fault-proxy.ts';

/** What the tests keep of an object. */
export interface Seen {
  key: string;
  resourceVersion: string;
}

/** A reflector at work behind the proxy, and what there is to see of it. */
export interface Mirror {
  reflector: Reflector<Seen>;
  store: Store<Seen>;
  /** Keys in the order in which they were added or deleted: `+a`, `-a`. */
  changes: string[];
  /** `managedFields` came through to the transform. */
  sawManagedFields: boolean;
  stop(): Promise<void>;
}

/** Starts a reflector of a collection through the proxy. */
export const startMirror = (
  proxy: FaultProxy,
  path: string,
  options: Partial<ReflectorOptions<Seen>> = {},
): Mirror => {
  const client = new KubeClient(proxy.access);
  const store = new Store<Seen>();
  const stop = new AbortController();
  const mirror: Pick<Mirror, 'changes' | 'sawManagedFields'> = { changes: [], sawManagedFields: false };
  store.subscribe(({ type, object }) => {
    if (type !== 'modified') mirror.changes.push(`${type === 'added' ? '+' : '-'}${object.key}`);
  });
  const reflector = new Reflector<Seen>({
    client,
    path,
    store,
    clock: systemClock,
    random: Math.random,
    backoff: { initialMs: 20, maxMs: 200 },
    transform: (raw) => {
      if ('managedFields' in raw.metadata) mirror.sawManagedFields = true;
      return { key: keyOf(raw.metadata), resourceVersion: raw.metadata.resourceVersion };
    },
    ...options,
  });
  const ended = reflector.run(stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return Object.assign(mirror, {
    reflector,
    store,
    stop: async () => {
      stop.abort();
      await ended;
      await client.close();
    },
  });
};

/** `key@resourceVersion` of every object, sorted: equal for equal states. */
export const stateOf = (objects: Iterable<Seen>): string[] =>
  Array.from(objects, ({ key, resourceVersion }) => `${key}@${resourceVersion}`).toSorted();

/** The same for what the API server holds. */
export const serverState = async (client: KubeClient, path: string): Promise<string[]> => {
  const list = await client.request<KubeList>({ method: 'GET', path });
  return stateOf(
    (list.items ?? []).map(({ metadata }) => ({
      key: keyOf(metadata),
      resourceVersion: metadata.resourceVersion,
    })),
  );
};

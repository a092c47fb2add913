import type { KubeClient, Query } from './client.ts';
import { isKubeError } from './errors.ts';
import type { KubeList, KubeObject } from './types.ts';

/** A list to read page by page. */
export interface ListRequest {
  client: KubeClient;
  path: string;
  query?: Query;
  /** Objects a page; every page is one parse, which the event loop waits for. */
  pageSize: number;
  signal: AbortSignal;
  /** Called with each object, in slices, `managedFields` taken off and `apiVersion` and `kind` filled in. */
  onItem: (item: KubeObject) => void;
  /** The continue token expired: what was read is void, reading starts again. */
  onRestart: () => void;
}

/**
 * Reads a whole collection as of one moment and returns its resource version. Throws KubeError; an expired
 * continue token is no error but starts the list again, with larger pages so that it ends in time.
 */
export const listAll = async (request: ListRequest): Promise<string> => {
  const { client, path, query, signal } = request;
  let limit = request.pageSize;
  let token: string | undefined;
  for (;;) {
    let page: KubeList;
    try {
      page = await client.request<KubeList>({
        method: 'GET',
        path,
        query: { ...query, limit, continue: token },
        signal,
      });
    } catch (error) {
      if (token === undefined || !isKubeError(error, 'gone')) throw error;
      token = undefined;
      limit *= 2;
      request.onRestart();
      continue;
    }
    await takeIn(page, request);
    signal.throwIfAborted();
    token = page.metadata.continue || undefined;
    if (token === undefined) return page.metadata.resourceVersion ?? '';
  }
};

const takeIn = (page: KubeList, { client, onItem }: ListRequest): Promise<void> => {
  const items = page.items ?? [];
  const kind = page.kind.replace(/List$/, '');
  let at = 0;
  return client.slices.run(() => {
    const item = items[at++];
    if (item === undefined) return false;
    item.apiVersion ??= page.apiVersion;
    item.kind ??= kind;
    onItem(withoutManagedFields(item));
    return at < items.length;
  });
};

/** Takes off the part of an object that is up to 60 % of its size and that nobody here reads. */
export const withoutManagedFields = (object: KubeObject): KubeObject => {
  delete (object.metadata as { managedFields?: unknown }).managedFields;
  return object;
};

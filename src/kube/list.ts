import type { KubeClient, Measured, Query } from './client.ts';
import { isKubeError } from './errors.ts';
import { PageSize } from './page-size.ts';
import type { KubeList, KubeObject } from './types.ts';

/** A list to read page by page. */
export interface ListRequest {
  client: KubeClient;
  path: string;
  query?: Query;
  /** Most objects a page; there are fewer of large ones. As {@link PageSize} says when left out. */
  pageSize?: number;
  signal: AbortSignal;
  /** Called with each object, in slices, `managedFields` taken off and `apiVersion` and `kind` filled in. */
  onItem: (item: KubeObject) => void;
  /** The continue token expired: what was read is void, reading starts again. */
  onRestart: () => void;
}

/**
 * Reads a whole collection as of one moment and returns its resource version. Throws KubeError; an expired
 * continue token is no error but starts the list again, with larger pages so that it ends in time. What of the list is
 * in memory at a time is bounded, whatever the size of its objects: the page that is read and the one after it.
 */
export const listAll = async (request: ListRequest): Promise<string> => {
  const size = new PageSize(request.pageSize);
  let token: string | undefined;
  let coming = askFor(request, size, token);
  for (;;) {
    let answer: Measured<KubeList>;
    try {
      answer = await coming;
    } catch (error) {
      if (token === undefined || !isKubeError(error, 'gone')) throw error;
      token = undefined;
      size.restart();
      request.onRestart();
      coming = askFor(request, size, token);
      continue;
    }
    // Parsed no sooner than its turn is: the collector would copy what waits.
    const page = answer.body;
    size.came(page.items?.length ?? 0, answer.bytes);
    token = page.metadata.continue || undefined;
    if (token !== undefined) {
      // The API server makes the next page while this one is read.
      coming = askFor(request, size, token);
      // Its failure is heard of when it is awaited, if it ever is.
      coming.catch(() => {});
    }
    await takeIn(page, request);
    request.signal.throwIfAborted();
    if (token === undefined) return page.metadata.resourceVersion ?? '';
  }
};

/** The page that a token continues with, the first one without; a shorter one when it is longer than it may be. */
const askFor = async (
  { client, path, query, signal }: ListRequest,
  size: PageSize,
  token: string | undefined,
): Promise<Measured<KubeList>> => {
  for (;;) {
    const { limit, mostBytes } = size;
    try {
      return await client.measured<KubeList>({
        method: 'GET',
        path,
        query: { ...query, limit, continue: token },
        signal,
        ...(mostBytes === undefined ? {} : { mostBytes }),
      });
    } catch (error) {
      if (!isKubeError(error, 'tooLarge')) throw error;
      size.tooLong();
    }
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

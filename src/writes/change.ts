import { ANNOTATION, LABEL } from '../api/group.ts';
import { isKubeError, type KubeError } from '../kube/errors.ts';
import { boundedText } from '../lib/bounded-text.ts';
import { podPath } from '../lib/pod-path.ts';
import { inLine } from '../lib/visible.ts';
import { keyOf, type ChangeCommand } from '../plan/command.ts';
import { inPlace, type ChangedPod } from '../plan/in-place.ts';
import { changingText, NO_REVISION, REFUSED } from '../snapshot/changing.ts';
import type { Handler, WriteContext } from './handler.ts';

/** Longest refusal that is kept on a Pod, bytes. */
const MOST_WORDS = 256;

/** Patches one Pod again and again, each time as the patch before left it. */
function patcher(path: string, seen: ChangedPod, send: WriteContext['send']) {
  let { uid, resourceVersion } = seen.metadata;
  return async (part: '' | '/resize', metadata: object, spec: object = {}): Promise<string> => {
    const contentType = 'application/strategic-merge-patch+json';
    const body = { metadata: { uid, resourceVersion, ...metadata }, spec };
    const stored = await send<ChangedPod>({ method: 'PATCH', path: path + part, body, contentType });
    resourceVersion = stored.metadata.resourceVersion;
    return resourceVersion ?? '';
  };
}

/**
 * Changes a Pod in place, as it was seen. Resources come first, in a write of their own, as Kubernetes wants it; the Pod is of no
 * revision meanwhile, so that whoever finds it so begins again. Images and the label of the revision are one write. What the
 * API server refuses leaves a note on the Pod, so that it is not asked again.
 */
export const changing: Handler<ChangeCommand> = {
  action: 'Change',
  tries: 5,
  stale: ['notFound', 'conflict'],
  assume: (command, assumed) => assumed.change(keyOf(command), command.uid, command),
  retract: (command, assumed) => assumed.unamend(keyOf(command)),

  async write(command, { assumed, now, send }) {
    const { namespace, name, uid, resourceVersion, template, revision } = command;
    const path = podPath(namespace, name);
    const seen = await send<ChangedPod>({ method: 'GET', path });
    if (seen.metadata.uid !== uid || seen.metadata.resourceVersion !== resourceVersion)
      return { kind: 'stale' };
    const patch = patcher(path, seen, send);
    const { resize, spec, metadata, restarted } = inPlace(seen, template, revision);
    const { labels, annotations } = metadata;
    let before = seen.metadata.labels?.[LABEL.revision] ?? '';
    try {
      if (resize) {
        if (before !== NO_REVISION) await patch('', { labels: { [LABEL.revision]: NO_REVISION } });
        await patch('/resize', {}, resize);
        before = NO_REVISION;
      }
      const mark = { [ANNOTATION.changing]: restarted.size === 0 ? null : changingText(restarted) };
      const version = await patch('', { labels, annotations: { ...annotations, ...mark } }, spec);
      assumed.amendmentStored(keyOf(command), version, now());
      return { kind: 'done' };
    } catch (error) {
      if (!isKubeError(error, 'invalid', 'forbidden')) throw error;
      return { kind: 'fellBack', message: await refuse(error, before, patch) };
    }
  },

  told: () => ({ type: 'Normal', reason: 'Changed', note: 'a server is changed in place' }),
};

/** Has a Pod say that it cannot be changed, and why. @returns why */
async function refuse(
  { message }: KubeError,
  revision: string,
  patch: ReturnType<typeof patcher>,
): Promise<string> {
  const words = boundedText(inLine(message), MOST_WORDS);
  const annotations = { [ANNOTATION.fixedPart]: `${REFUSED}${words}` };
  await patch('', { labels: { [LABEL.revision]: revision }, annotations });
  return words;
}

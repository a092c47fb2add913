import { BOUND_BY_CONTROLLER, SELECTED_NODE } from '../api/volume-annotations.ts';
import { keyOf, type ClaimCommand, type MakeClaimCommand } from '../plan/command.ts';
import type { Handler } from './handler.ts';

/**
 * Lets a claim have its volume, as kube-scheduler does: a volume that is there is kept for it, or its provisioner is told
 * the node. The volume controller, or the provisioner, does the rest. Both objects are changed as they were seen alone.
 */
export const claiming: Handler<ClaimCommand> = {
  action: 'Claim',
  tries: 5,
  stale: ['notFound', 'conflict'],
  // The Pod is launched when the watch shows that its claims have volumes.
  assume() {},
  retract() {},

  async write(command, { send }) {
    const request = command.volume ? keepVolume(command, command.volume) : selectNode(command);
    await send({ method: 'PATCH', ...request });
    return { kind: 'done' };
  },

  // That its task waits for a volume is said in the status.
  told: () => undefined,
};

const selectNode = ({ namespace, name, uid, resourceVersion, node }: ClaimCommand) => ({
  path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`,
  body: { metadata: { uid, resourceVersion, annotations: { [SELECTED_NODE]: node } } },
});

const keepVolume = (
  { namespace, name, uid, resourceVersion }: ClaimCommand,
  volume: NonNullable<ClaimCommand['volume']>,
) => ({
  path: `/api/v1/persistentvolumes/${volume.name}`,
  body: {
    metadata: {
      resourceVersion: volume.resourceVersion,
      ...(volume.kept ? {} : { annotations: { [BOUND_BY_CONTROLLER]: 'yes' } }),
    },
    spec: {
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
    },
  },
});

/** What a command says, and of which state of which objects. */
const textOf = (command: ClaimCommand | MakeClaimCommand): string => {
  if (command.kind === 'makeClaim') return '';
  const { resourceVersion, node, volume } = command;
  return [resourceVersion, node, volume?.name ?? '', volume?.resourceVersion ?? ''].join(' ');
};

/**
 * What was said for claims and the watch has not shown: until it does, cycles decide the same again. A command on a newer
 * state of its objects is another one.
 */
export class SentClaims {
  readonly #sent = new Map<string, string>();

  /** Whether a command has not been sent yet; it is from now on. */
  send(command: ClaimCommand | MakeClaimCommand): boolean {
    const [key, text] = [keyOf(command), textOf(command)];
    if (this.#sent.get(key) === text) return false;
    this.#sent.set(key, text);
    return true;
  }

  /** A command came to nothing, or a claim that it made may be gone by now: it may be sent again. */
  forget(command: ClaimCommand | MakeClaimCommand): void {
    if (this.#sent.get(keyOf(command)) === textOf(command)) this.#sent.delete(keyOf(command));
  }

  /** Forgets everything: another leader decides now. */
  clear(): void {
    this.#sent.clear();
  }
}

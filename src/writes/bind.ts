import { isKubeError } from '../kube/errors.ts';
import { keyOf, type BindCommand } from '../plan/command.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { podPath } from '../lib/pod-path.ts';
import type { Handler, Outcome } from './handler.ts';

/**
 * Binds a Pod that exists to its node. The API server takes one binding for each Pod, so that a binding whose fate is
 * unknown is repeated until it is known; its room stays taken meanwhile.
 */
export const binding: Handler<BindCommand> = {
  action: 'Binding',
  tries: Number.POSITIVE_INFINITY,
  stale: ['notFound'],
  assume: (command, assumed) => assumed.bind(keyOf(command), command.uid, command.node),
  retract: (command, assumed) => assumed.unbind(keyOf(command)),

  async write(command, { assumed, now, send }) {
    const { namespace, name, uid, node } = command;
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    const path = podPath(namespace, name);
    const bound = (): Outcome => {
      assumed.bindingStored(keyOf(command), now());
      return { kind: 'done' };
    };
    try {
      await send({ method: 'POST', path: `${path}/binding`, body });
      return bound();
    } catch (error) {
      // Bound already, by an earlier try of ours or by somebody else; or another Pod has the name now.
      if (!isKubeError(error, 'conflict', 'alreadyExists')) throw error;
    }
    const found = await send<Pod>({ method: 'GET', path });
    return found.metadata.uid === uid && found.spec.nodeName === node ? bound() : { kind: 'stale' };
  },

  told(command) {
    // The words of kube-scheduler, which people and their tools look for.
    const note = `Successfully assigned ${keyOf(command)} to ${command.node}`;
    return { type: 'Normal', reason: 'Scheduled', note };
  },
};

import type { BindCommand } from '../plan/command.ts';
import type { Pod } from '../snapshot/objects.ts';
import { isKubeError } from './errors.ts';
import type { Outcome } from './outcome.ts';
import { podPath, repeat, type WriteContext } from './write.ts';

/**
 * Binds a Pod that exists to its node. The API server takes one binding for each Pod, so that a binding whose fate is
 * unknown is repeated until it is known; its room stays taken meanwhile.
 * @throws KubeError when the API server refuses the binding
 */
export async function bindPod(command: BindCommand, context: WriteContext): Promise<Outcome> {
  const { client, assumed, clock, signal, mayWrite: mayGo } = context;
  const { namespace, name, uid, node } = command;
  const body = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { namespace, name, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: node },
  };
  const path = `${podPath(namespace, name)}/binding`;
  const bound = (): Outcome => {
    assumed.bindingStored(`${namespace}/${name}`, clock.now());
    return { kind: 'bound' };
  };
  try {
    await repeat(context, () => client.request({ method: 'POST', path, body, signal, mayGo }));
    return bound();
  } catch (error) {
    if (isKubeError(error, 'notFound')) return { kind: 'stale' };
    // Bound already, by an earlier try of ours or by somebody else; or another Pod has the name now.
    if (!isKubeError(error, 'conflict', 'alreadyExists')) throw error;
  }
  try {
    const found = await repeat(context, () =>
      client.request<Pod>({ method: 'GET', path: podPath(namespace, name), signal }),
    );
    if (found.metadata.uid === uid && found.spec.nodeName === node) return bound();
  } catch (error) {
    if (!isKubeError(error, 'notFound')) throw error;
  }
  return { kind: 'stale' };
}

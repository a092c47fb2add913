import { connect } from 'node:net';

/** Where kubelets listen, unless they are told otherwise. */
const KUBELET_PORT = 10_250;

/** How long a kubelet has to take a connection, ms. */
const PATIENCE_MS = 900;

/**
 * Whether something answers on a node's kubelet port: a node whose kubelet takes connections is not lost, however
 * late its heartbeat is. Refused, unreachable and silent all say no; nothing is sent.
 */
export function kubeletAnswers(
  address: string,
  port = KUBELET_PORT,
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  if (address === '') return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(patienceMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

import { REASON } from '../../api/conditions.ts';
import { isProtected } from '../../recovery/rules.ts';
import { signalOf, type Signal } from '../../recovery/signal.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { PodFacts, TaskFacts } from '../../snapshot/task.ts';

/** What a game server is to those who hand servers out. It stands nowhere: it follows from the Pod. */
export type ServerState =
  /** It has a node, and no container of it runs. */
  | 'Pending'
  /** It runs, and is not ready. */
  | 'Starting'
  /** It may be given to players. */
  | 'Ready'
  /** It is kept: for players to come, or for who looks after it. */
  | 'Reserved'
  /** Players hold it. */
  | 'Allocated'
  /** It is on its way out, or asked to go: nobody is sent there any more. */
  | 'Draining'
  /** It failed, does not answer, or its node is lost. */
  | 'Unhealthy';

/** What a state follows from. */
export interface Seen extends Pick<PodFacts, 'phase' | 'inverseOffer'> {
  /** What monitoring saw of it. */
  readonly signal: Signal;
  readonly task: Pick<TaskFacts, 'session' | 'intent' | 'answers' | 'stuck'>;
  /** Its node takes no new Pods, since somebody said so. */
  readonly cordoned: boolean;
}

/** A way into a state. */
export interface Transition {
  readonly to: ServerState;
  /** What brought it there, in one word; empty where the state says all. */
  readonly cause: string;
  readonly when: (server: Seen) => boolean;
}

const by = (to: ServerState, signal: Signal): Transition => ({
  to,
  cause: signal,
  when: (server) => server.signal === signal,
});
const isHeld = ({ task }: Seen): boolean => isProtected(task.session);

/** Every way into every state. The first that applies to a server counts: what ended it comes before what is wished of it. */
export const TRANSITIONS: readonly Transition[] = [
  by('Draining', 'Deleting'),
  by('Draining', 'Exited'),
  by('Unhealthy', 'Rejected'),
  by('Unhealthy', 'Evicted'),
  by('Unhealthy', 'Rebooted'),
  by('Unhealthy', 'Crashed'),
  by('Unhealthy', 'HelperCrashed'),
  by('Unhealthy', 'NodeGone'),
  by('Unhealthy', 'NodeLeaving'),
  by('Unhealthy', 'NodeLost'),
  by('Unhealthy', 'Closed'),
  by('Unhealthy', 'Mute'),
  { to: 'Unhealthy', cause: 'NoAnswer', when: ({ task }) => task.answers === false },
  { to: 'Draining', cause: 'Kill', when: ({ task }) => task.intent === 'Kill' },
  { to: 'Draining', cause: 'Drain', when: ({ task }) => task.intent === 'Drain' },
  { to: 'Draining', cause: 'AskedToGo', when: ({ inverseOffer }) => inverseOffer !== undefined },
  { to: 'Draining', cause: 'Cordoned', when: (server) => server.cordoned && !isHeld(server) },
  { to: 'Reserved', cause: '', when: ({ task }) => task.session === 'Reserved' },
  // Whatever the label says: a typo in it must not send anybody else there.
  { to: 'Allocated', cause: '', when: isHeld },
  { to: 'Reserved', cause: 'Maintenance', when: ({ task }) => task.intent === 'Maintenance' },
  { to: 'Ready', cause: '', when: ({ signal }) => signal === 'Ready' },
  {
    to: 'Starting',
    cause: REASON.stuck,
    when: ({ phase, task }) => phase === 'Running' && task.stuck !== '',
  },
  { to: 'Starting', cause: '', when: ({ phase }) => phase === 'Running' },
  { to: 'Pending', cause: REASON.stuck, when: ({ task }) => task.stuck !== '' },
  { to: 'Pending', cause: '', when: () => true },
];

/** The state of a server, and how it came there. */
export const serverState = (server: Seen): Transition => TRANSITIONS.find(({ when }) => when(server))!;

/** The state of a server as far as its Pod alone can tell: whether its node is lost or cordoned that does not know. */
export function stateByPod(pod: TaskPod): Transition {
  const { task, phase, inverseOffer } = pod;
  const signal = signalOf({ ...pod, exit: task.exit, node: undefined }, undefined, Number.POSITIVE_INFINITY);
  return serverState({ signal, phase, inverseOffer, task, cordoned: false });
}

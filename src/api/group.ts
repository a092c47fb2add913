/** The API group of every Proffer object, and the one version it is served at. */
export const GROUP = 'proffer.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Labels that Proffer writes on the Pods it creates. They are the only link from a Pod back to its slot. */
export const LABEL = {
  /** Name of the GameServerPool that a game server Pod belongs to. */
  pool: `${GROUP}/pool`,
  /** Name of the TrainingJob that a worker Pod belongs to. */
  job: `${GROUP}/job`,
  /** Name of the worker group inside its TrainingJob. */
  group: `${GROUP}/group`,
  /**
   * Name of the TrainingJob whose Service gives the worker Pod its name. Taken off a Pod that may still run when another has its
   * name: it would be found in place of that.
   */
  peers: `${GROUP}/peers`,
  /** Number of the slot (pool) or worker (group) that the Pod fills, from 0. */
  slot: `${GROUP}/slot`,
  /** Hash of the template and ports that the Pod was made from. */
  revision: `${GROUP}/revision`,
  /** On a stand-in, a Pod that is never placed: name of the workload for whose waiting task it stands. */
  standIn: `${GROUP}/stand-in`,
  /**
   * Session state of a game server, written by whoever hands servers to players: `Allocated` or `Reserved`.
   * Proffer never deletes a server that carries it, whatever its value.
   */
  state: `${GROUP}/state`,
  /** Name of the Pod itself, and of its Service: what the Service selects it by. */
  server: `${GROUP}/server`,
  /** Id of the session on a game server, written by whoever hands servers to players. */
  session: `${GROUP}/session`,
  /** What is meant to become of a game server: `Maintenance`, `Drain` or `Kill`. People and tools write it. */
  intent: `${GROUP}/intent`,
} as const;

/** What a label `intent` may say. Any other value counts as none. */
export const INTENTS = ['Maintenance', 'Drain', 'Kill'] as const;

/** What a Pod that somebody else makes names as its scheduler, so that Proffer places it. */
export const SCHEDULER_NAME = 'proffer';

/** Labels that people write on Pods that name our scheduler. */
export const CUSTOMER_LABEL = {
  /** Pods of one value are one framework; without it those of one owner are. */
  framework: `${GROUP}/framework`,
  /** Name of the OfferRole, or top-level role, that the Pod draws on; its namespace when left out. */
  role: `${GROUP}/role`,
  /** Name of the gang that the Pod belongs to: at least `gangMin` of it are bound together, or none. */
  gang: `${GROUP}/gang`,
  gangMin: `${GROUP}/gang-min`,
  /** `true`: the Pod gives way to whatever is not revocable. */
  revocable: `${GROUP}/revocable`,
} as const;

/** Environment variables that Proffer gives to the containers of the Pods it creates; people cannot set them to something else. */
export const ENVIRONMENT = {
  /** Followed by the name of a port of the pool, in capitals: its host port. */
  port: 'PROFFER_PORT_',
  /** Name of the worker group. */
  group: 'PROFFER_GROUP',
  /** Rank of the worker from 0, over all groups of the job in their order. */
  rank: 'PROFFER_WORKER_INDEX',
  /** Number of a task of a group with completions, from 0. */
  task: 'PROFFER_TASK_INDEX',
  /** Workers of all groups of the job. */
  world: 'PROFFER_WORLD_SIZE',
  /** How many times all workers of the job were started again. */
  attempt: 'PROFFER_RESTART_ATTEMPT',
  /** Folder for what the workers of the job have learned so far. */
  checkpointPath: 'PROFFER_CHECKPOINT_PATH',
  /** The last step that they told to be in it; not there before the first. */
  checkpointStep: 'PROFFER_CHECKPOINT_STEP',
} as const;

/** Annotations that Proffer writes on the Pods it creates. */
export const ANNOTATION = {
  /** How many times in a row this slot has failed before this Pod; drives the back-off. */
  failures: `${GROUP}/failures`,
  /** How many times all workers of the job had been started again when this one was made; left out for none. */
  attempt: `${GROUP}/attempt`,
  /** How many workers the group of this one was told that it has; left out where that does not matter. */
  workers: `${GROUP}/workers`,
  /** Comma-separated `name=hostPort/PROTOCOL` of the ports that the accepted offer gave. */
  ports: `${GROUP}/ports`,
  /** Comma-separated `name=address:port/PROTOCOL` by which the Service of the server is reached, once it has an address. */
  serviceAddress: `${GROUP}/service-address`,
  /** Boot ID of the node that the Pod was made for: another one says that the node was started anew since. */
  boot: `${GROUP}/boot-id`,
  /** On a claim: name of the Pod that it was made for, and goes with. */
  madeFor: `${GROUP}/made-for`,
  /** Role that the Pod's resources are charged to. */
  role: `${GROUP}/role`,
  /** How many seconds the Pod is asked to go before it is evicted for others. */
  notice: `${GROUP}/notice-seconds`,
  /** The overflow labels and annotations that the Pod was given, as JSON. */
  overflow: `${GROUP}/overflow`,
  /** The inverse offer: until when the Pod is asked to go, ISO 8601. It is evicted then, unless the need is gone. */
  inverseOffer: `${GROUP}/inverse-offer`,
  /**
   * Hash of what no server can change in place; `refused: ...` on one that the API server does not let be changed, with
   * its words.
   */
  fixedPart: `${GROUP}/fixed-part`,
  /** Comma-separated `container=ID` of the containers that a change in place ends: until others run, the server is of no use. */
  changing: `${GROUP}/changing`,
  /** How the server is asked whether it answers, as JSON: `spec.health.query` of its revision. */
  query: `${GROUP}/query`,
  /** Comma-separated `TYPE=ADDRESS` of the node that the Pod was made for: `ExternalIP=203.0.113.7,InternalIP=10.0.0.5`. */
  addresses: `${GROUP}/addresses`,
  /** An integer that people and tools write on a game server: of those that may go, the higher goes first. 0 when left out. */
  deletionPriority: `${GROUP}/deletion-priority`,
  /** Since when a game server is allocated or reserved for the session on it, ISO 8601. */
  heldSince: `${GROUP}/held-since`,
  /** Until when it is kept for a session that has not begun, ISO 8601; then it is free again. */
  heldUntil: `${GROUP}/held-until`,
  /** How long the session may last, ISO 8601; then its server is drained. */
  sessionUntil: `${GROUP}/session-until`,
  /** Keys of the annotations that the caller of the allocation API wrote, with commas; they go with the session. */
  sessionKeys: `${GROUP}/session-annotations`,
  /** What becomes of the server when the claim of its session is deleted: Drain has it replaced. */
  sessionNext: `${GROUP}/session-next`,
} as const;

/** Begins the annotations that count what a game server has: `proffer.dev/counter.players` is `COUNT/CAPACITY` or `COUNT`. */
export const COUNTER_PREFIX = `${GROUP}/counter.`;

/** The counter that pools sum up as their players. */
export const PLAYERS = 'players';

/**
 * Finalizer of workers: their Pods stay until the status of their job has counted how they ended, whoever deletes them, and
 * whether or not an operator runs.
 */
export const TRACKING = `${GROUP}/job-tracking`;
/** The counter that tells how many sessions a server has that takes several, and how many it takes. */
export const SESSIONS = 'sessions';
/** The counter by which a server itself says how many sessions it takes, in a pool whose servers take several. */
export const SESSION_CAPACITY = 'session-capacity';

/**
 * Begins the annotations of the sessions of such a server: `session.proffer.dev/ID` tells as JSON what the other servers tell of
 * their one session by labels and annotations.
 */
export const SESSION_PREFIX = `session.${GROUP}/`;

/** Types of conditions that Proffer writes on Pods. */
export const POD_CONDITION = {
  /** The server answers when it is asked over the network; its readiness gate, too: it is Ready while this is True. */
  answers: `${GROUP}/Answers`,
} as const;

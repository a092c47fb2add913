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
  /** Number of the slot (pool) or worker (group) that the Pod fills, from 0. */
  slot: `${GROUP}/slot`,
  /** Hash of the template and ports that the Pod was made from. */
  revision: `${GROUP}/revision`,
  /**
   * Session state of a game server, written by whoever hands servers to players: `Allocated` or `Reserved`.
   * Proffer never deletes a server that carries it, whatever its value.
   */
  state: `${GROUP}/state`,
} as const;

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
  /** Workers of all groups of the job. */
  world: 'PROFFER_WORLD_SIZE',
} as const;

/** Annotations that Proffer writes on the Pods it creates. */
export const ANNOTATION = {
  /** How many times in a row this slot has failed before this Pod; drives the back-off. */
  failures: `${GROUP}/failures`,
  /** Comma-separated `name=hostPort/PROTOCOL` of the ports that the accepted offer gave. */
  ports: `${GROUP}/ports`,
  /** Boot ID of the node that the Pod was made for: another one says that the node was started anew since. */
  boot: `${GROUP}/boot-id`,
  /** Role that the Pod's resources are charged to. */
  role: `${GROUP}/role`,
  /** How many seconds the Pod is asked to go before it is evicted for others. */
  notice: `${GROUP}/notice-seconds`,
  /** The inverse offer: until when the Pod is asked to go, ISO 8601. It is evicted then, unless the need is gone. */
  inverseOffer: `${GROUP}/inverse-offer`,
} as const;

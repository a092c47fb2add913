// Generated from docs/reference/openapi.json by `npm run generate`. Do not edit.

export interface AllocateRequest {
  /** Namespace of the pools. */
  readonly namespace: string;
  /** Id of the session, unique in the namespace. The same id gets the same server while that lives. */
  readonly session: string;
  /** In order: a server that fits the second is taken only when none fits the first. */
  readonly selectors?: readonly {
    /** Servers of this pool; of any when left out. */
    readonly pool?: string;
    /** Servers of pools that draw on this role. */
    readonly role?: string;
    /** Ready: servers without a session. Allocated: those that have some and take more (spec.sessions of the pool). Both when left out. */
    readonly state?: 'Ready' | 'Allocated';
    /** Labels that the Pod of the server must have. */
    readonly labels?: Readonly<Record<string, string>>;
    /** What else must hold of those labels: all of it. */
    readonly matchExpressions?: readonly {
      /** Name of the label. */
      readonly key: string;
      readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
      /** Of In and NotIn: at least one. Exists and DoesNotExist take none. */
      readonly values?: readonly string[];
    }[];
    /** Counters that it must have, by name. */
    readonly counters?: Readonly<Record<string, {
      /** At least so many are there. */
      readonly minCount?: number;
      /** At most so many are there. */
      readonly maxCount?: number;
      /** At least so many more fit: capacity minus count. */
      readonly minAvailable?: number;
    }>>;
  }[];
  /** Takes the server with the least, or the most, of a counter, rather than by its node. */
  readonly order?: {
    readonly counter: string;
    readonly by?: 'Count' | 'Available';
    readonly direction?: 'Ascending' | 'Descending';
  };
  /** Written on the Pod of the server, and taken off when it is released. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Changes of counters, clipped to 0 and to their capacity. */
  readonly counters?: Readonly<Record<string, {
    readonly add: number;
  }>>;
  /** Longest time that the session may last; then its server is asked to go. */
  readonly sessionSeconds?: number;
  /** How long to wait for a server when none is free. */
  readonly waitSeconds?: number;
  /** Of those who wait the higher is served first; of equal ones who came first. */
  readonly priority?: number;
  /** How long the server is kept for a session that does not begin: nobody says so, and no player joins. */
  readonly beginSeconds?: number;
}

/** A session and its server. */
export interface Session {
  readonly namespace: string;
  readonly session: string;
  readonly state: 'Allocated' | 'Reserved';
  /** False when the session had its server before this call. */
  readonly isNew: boolean;
  /** Name of the Pod. */
  readonly server: string;
  readonly pool: string;
  readonly node: string;
  /** Where players connect to: the first external address of the node, else the first. */
  readonly address: string;
  /** All of the node. */
  readonly addresses: readonly {
    readonly type: string;
    readonly address: string;
  }[];
  /** Host ports, at the address. */
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol: string;
  }[];
  /** Where the Service of the server is reached, when its pool gives each server one. */
  readonly services: readonly {
    readonly name: string;
    readonly address: string;
    readonly port: number;
    readonly protocol: string;
  }[];
  readonly counters: Readonly<Record<string, {
    readonly count: number;
    readonly capacity?: number;
  }>>;
  /** Counters of which not the whole change fitted. */
  readonly clipped: readonly string[];
  /** What this session wrote on the Pod. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly heldSince?: string;
  readonly heldUntil?: string;
  readonly sessionUntil?: string;
}

/** Why a call is not served. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** One of docs/reference/errors.md. */
  readonly code: string;
  /** The field of the request that is wrong. */
  readonly field?: string;
}

export interface ReserveRequest {
  /** Namespace of the pools. */
  readonly namespace: string;
  /** Id of the session, unique in the namespace. The same id gets the same server while that lives. */
  readonly session: string;
  /** In order: a server that fits the second is taken only when none fits the first. */
  readonly selectors?: readonly {
    /** Servers of this pool; of any when left out. */
    readonly pool?: string;
    /** Servers of pools that draw on this role. */
    readonly role?: string;
    /** Ready: servers without a session. Allocated: those that have some and take more (spec.sessions of the pool). Both when left out. */
    readonly state?: 'Ready' | 'Allocated';
    /** Labels that the Pod of the server must have. */
    readonly labels?: Readonly<Record<string, string>>;
    /** What else must hold of those labels: all of it. */
    readonly matchExpressions?: readonly {
      /** Name of the label. */
      readonly key: string;
      readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
      /** Of In and NotIn: at least one. Exists and DoesNotExist take none. */
      readonly values?: readonly string[];
    }[];
    /** Counters that it must have, by name. */
    readonly counters?: Readonly<Record<string, {
      /** At least so many are there. */
      readonly minCount?: number;
      /** At most so many are there. */
      readonly maxCount?: number;
      /** At least so many more fit: capacity minus count. */
      readonly minAvailable?: number;
    }>>;
  }[];
  /** Takes the server with the least, or the most, of a counter, rather than by its node. */
  readonly order?: {
    readonly counter: string;
    readonly by?: 'Count' | 'Available';
    readonly direction?: 'Ascending' | 'Descending';
  };
  /** Written on the Pod of the server, and taken off when it is released. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Changes of counters, clipped to 0 and to their capacity. */
  readonly counters?: Readonly<Record<string, {
    readonly add: number;
  }>>;
  /** Longest time that the session may last; then its server is asked to go. */
  readonly sessionSeconds?: number;
  /** How long to wait for a server when none is free. */
  readonly waitSeconds?: number;
  /** Of those who wait the higher is served first; of equal ones who came first. */
  readonly priority?: number;
  /** How long the server is reserved. Allocate with the same session takes it. */
  readonly seconds: number;
}

export interface BeginRequest {
  /** Namespace of the pools. */
  readonly namespace: string;
  /** Id of the session, unique in the namespace. The same id gets the same server while that lives. */
  readonly session: string;
}

export interface ReleaseRequest {
  /** Namespace of the pools. */
  readonly namespace: string;
  /** Id of the session, unique in the namespace. The same id gets the same server while that lives. */
  readonly session: string;
  /** Ready: the server takes the next session. Drain: the pool replaces it. */
  readonly next?: 'Ready' | 'Drain';
}

export interface ReleaseAnswer {
  /** False when there was no such session. */
  readonly released: boolean;
}

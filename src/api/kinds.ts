/** How one kind of object is named in the API. */
export interface KindNames {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortName: string;
  readonly scope: 'Namespaced' | 'Cluster';
}

/** The kinds that Proffer serves. URLs, RBAC rules and CRD file names all derive from these names. */
export const KIND = {
  pool: {
    kind: 'GameServerPool',
    plural: 'gameserverpools',
    singular: 'gameserverpool',
    shortName: 'gsp',
    scope: 'Namespaced',
  },
  job: {
    kind: 'TrainingJob',
    plural: 'trainingjobs',
    singular: 'trainingjob',
    shortName: 'tj',
    scope: 'Namespaced',
  },
  role: {
    kind: 'OfferRole',
    plural: 'offerroles',
    singular: 'offerrole',
    shortName: 'or',
    scope: 'Cluster',
  },
  serverClaim: {
    kind: 'GameServerClaim',
    plural: 'gameserverclaims',
    singular: 'gameserverclaim',
    shortName: 'gsc',
    scope: 'Namespaced',
  },
} as const satisfies Record<string, KindNames>;

/** What to ask kubectl for, to explain and replay a cluster elsewhere. */
export const DUMP_KINDS = 'nodes,pods,ns,svc,pv,pvc,sc,csinodes,pc,runtimeclasses,gsp,tj,or';

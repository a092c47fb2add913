/** On a claim: the node that its volume is to be made for. The provisioner takes it off when it gives up. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** On a claim: its volume is bound to it as well. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

/** On a volume: it was not kept for its claim by people, so that nobody keeps it when the claim goes. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

/** On claims and volumes: the name of their StorageClass, older than the field and before it. */
export const STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** How a command ended, told to the controller once for each. */
export type Outcome =
  | { readonly kind: 'created' | 'bound' | 'deleted' | 'evicted' | 'asked' | 'rescinded' | 'claimed' }
  /** The API server has said what it would make of a Pod. */
  | { readonly kind: 'told' }
  /** It cannot say what it would make of the Pod: an admission webhook takes no dry runs. */
  | { readonly kind: 'mute' }
  /** The world had moved on: the next cycle decides anew. */
  | { readonly kind: 'stale' }
  /** A PodDisruptionBudget forbids the eviction for now; the message names it. */
  | { readonly kind: 'blocked'; readonly message: string }
  /** The API server refuses the write; asking again at once is of no use. */
  | { readonly kind: 'refused'; readonly message: string };

/** Whether a command that ended so has changed nothing. */
export const isWithoutEffect = ({ kind }: Outcome): boolean =>
  kind === 'stale' || kind === 'refused' || kind === 'blocked';

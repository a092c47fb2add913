/** The few labels, taints and names that random clusters are made of, so that rules meet what they ask for. */
export const NAMESPACES = {
  'diff-red': { team: 'red', tier: 'front' },
  'diff-blue': { team: 'blue', tier: 'front' },
  'diff-grey': {},
} as const;

/** Names of the namespaces. */
export const NAMESPACE_NAMES = Object.keys(NAMESPACES);

export const ZONES = ['east', 'west', 'north'];
export const APPS = ['web', 'game', 'db'];
export const TEAMS = ['red', 'blue'];
export const TAINT_KEYS = ['dedicated', 'spot', 'old'];
/** Keys of labels that every object of JavaScript has a member of. */
export const MEMBERS = ['constructor', 'toString'];
export const ZONE = 'topology.kubernetes.io/zone';
export const HOST = 'kubernetes.io/hostname';
export const GPU = 'example.com/gpu';

/** RuntimeClasses by name: each adds something else to the Pods that name it. */
export const RUNTIME_CLASSES: Readonly<Record<string, Part>> = {
  heavy: { overhead: { podFixed: { cpu: '750m', memory: '1Gi' } } },
  ranked: { scheduling: { nodeSelector: { rank: '3' } } },
  tolerant: {
    overhead: { podFixed: { memory: '64Mi' } },
    scheduling: { tolerations: TAINT_KEYS.map((key) => ({ key, operator: 'Exists' })) },
  },
};

/** Part of a manifest. */
export type Part = Readonly<Record<string, unknown>>;

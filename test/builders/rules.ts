import { aNode, type NodeBuilder } from './node.ts';

/** The topology of nodes, each a domain of its own. */
export const HOST = 'kubernetes.io/hostname';

/** A node in a zone, which is the label `zone`. */
export const zoned = (name: string, zone: string): NodeBuilder => aNode(name).label('zone', zone);

/** Selects Pods by their label `app`. */
export const app = (name: string) => ({ matchLabels: { app: name } });

/** What a rule about other Pods is about: those of an app, in one domain of a topology. */
export const term = (topologyKey: string, name: string) => ({ topologyKey, labelSelector: app(name) });

/** An affinity to Pods, or against them, that must hold. */
export const required = (...terms: readonly object[]) => ({
  requiredDuringSchedulingIgnoredDuringExecution: terms,
});

/** An affinity to Pods, or against them, that is a wish. */
export const preferred = (...terms: readonly (readonly [weight: number, podAffinityTerm: object])[]) => ({
  preferredDuringSchedulingIgnoredDuringExecution: terms.map(([weight, podAffinityTerm]) => ({
    weight,
    podAffinityTerm,
  })),
});

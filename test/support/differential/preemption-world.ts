import type { Draw } from './draw.ts';

/** Nodes of a world, all alike. */
export const NODES = 3;
/** What each has: cpus, and GiB of memory. */
export const NODE = { cpu: 8, memory: 16 };
/** Priorities are whole numbers from 1 to this one, each with a PriorityClass. */
export const MOST_PRIORITY = 20;

const APPS = ['web', 'game', 'db'] as const;

/** A Pod of a world. */
export interface WorldPod {
  readonly name: string;
  readonly cpu: number;
  readonly memory: number;
  readonly priority: number;
  readonly app: string;
  readonly hostPort?: number | undefined;
  /** Number of its node, when it is there. */
  readonly node?: number;
  /** It goes and comes with all of that gang. */
  readonly gang?: string | undefined;
  /** App of Pods that it suffers on no node with it. */
  readonly avoids?: string | undefined;
  /** App of Pods one of which has to be on its node. */
  readonly near?: string | undefined;
  /** Pods of its app differ by one between nodes at most. */
  readonly spreads?: boolean;
}

/** Full nodes, and a Pod that comes. */
export interface World {
  readonly seed: number;
  readonly standing: readonly WorldPod[];
  /** So many Pods of an app may be evicted. */
  readonly budget: { readonly app: string; readonly allows: number } | undefined;
  readonly comer: WorldPod;
}

const drawPod = (draw: Draw, name: string): WorldPod => ({
  name,
  cpu: draw.one([0.5, 1, 1, 2, 3]),
  memory: draw.one([1, 2, 4]),
  priority: 1 + draw.below(MOST_PRIORITY),
  app: draw.one(APPS),
  hostPort: draw.chance(15) ? draw.one([7000, 7001]) : undefined,
});

/** Draws a world. @param seed goes into the names of its Pods */
export function randomWorld(draw: Draw, seed: number): World {
  const standing: WorldPod[] = [];
  const gangs = draw.chance(25);
  const fits = (pod: WorldPod, node: number) =>
    lacks({ standing, comer: pod }, node, new Set()) === undefined;
  for (let tries = 0; tries < 40; tries++) {
    const pod = {
      ...drawPod(draw, `s${seed}-${tries}`),
      ...(draw.chance(10) ? { avoids: draw.one(APPS) } : {}),
      node: draw.below(NODES),
      gang: gangs && draw.chance(30) ? `g${seed}` : undefined,
    };
    if (fits(pod, pod.node)) standing.push(pod);
  }
  const rule = draw.one(['avoids', 'near', 'spreads', 'none', 'none']);
  const comer = drawPod(draw, `c${seed}`);
  const other = draw.one(APPS.filter((app) => app !== comer.app));
  const app = draw.one(APPS);
  const allows = Math.min(draw.below(3), standing.filter((pod) => pod.app === app).length);
  return {
    seed,
    standing,
    budget: draw.chance(40) ? { app, allows } : undefined,
    comer: {
      ...comer,
      cpu: draw.one([1, 2, 4, 6]),
      priority: 8 + draw.below(MOST_PRIORITY - 7),
      avoids: rule === 'avoids' ? draw.one(APPS) : undefined,
      near: rule === 'near' ? other : undefined,
      spreads: rule === 'spreads',
    },
  };
}

/**
 * What a Pod lacks on a node when some are gone, by the plainest reading of the rules; undefined when it fits.
 * @param gone names
 */
export function lacks(
  { standing, comer }: Pick<World, 'standing' | 'comer'>,
  node: number,
  gone: ReadonlySet<string>,
): string | undefined {
  const left = standing.filter(({ name }) => !gone.has(name));
  const here = left.filter((pod) => pod.node === node);
  const sum = (of: (pod: WorldPod) => number) => [...here, comer].reduce((total, pod) => total + of(pod), 0);
  const counts = Array.from(
    { length: NODES },
    (_, i) => left.filter((pod) => pod.node === i && pod.app === comer.app).length,
  );
  if (sum(({ cpu }) => cpu) > NODE.cpu) return 'cpu';
  if (sum(({ memory }) => memory) > NODE.memory) return 'memory';
  if (here.some(({ hostPort }) => hostPort !== undefined && hostPort === comer.hostPort)) return 'host port';
  if (here.some(({ app, avoids }) => app === comer.avoids || avoids === comer.app)) return 'anti-affinity';
  if (comer.near !== undefined && !here.some(({ app }) => app === comer.near)) return 'affinity';
  if (comer.spreads && counts[node]! + 1 - Math.min(...counts) > 1) return 'spread';
  return undefined;
}

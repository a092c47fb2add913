import type { Snapshot } from '../../snapshot/snapshot.ts';
import { attachedTo, type AttachedVolume } from './attached.ts';

/** Volumes of one agent, by driver and handle: how many Pods use each. */
type Used = Map<string, Map<string, number>>;

/** An agent that only takes so many volumes of some drivers. */
interface LimitedAgent {
  readonly limits: Readonly<Record<string, number>>;
  readonly used: Used;
  /** Volumes that are attached, used or not, by driver. */
  readonly attached: Map<string, Set<string>>;
}

/** How many volumes agents take, and have (kube-scheduler's NodeVolumeLimits). */
export class AttachLimits {
  readonly #agents: ReadonlyMap<number, LimitedAgent>;

  /** Agents that had volumes attached for nobody at first: these go before long. */
  readonly detaching: readonly number[];

  readonly #usedAtFirst: Used;

  private constructor(
    agents: ReadonlyMap<number, LimitedAgent>,
    detaching: readonly number[],
    usedAtFirst: Used,
  ) {
    this.#agents = agents;
    this.detaching = detaching;
    this.#usedAtFirst = usedAtFirst;
  }

  /** Counts the volumes of a snapshot. */
  static of({ storage, numbers, claimants }: Snapshot): AttachLimits {
    const agents = new Map<number, LimitedAgent>();
    for (const { key, limits } of storage.csiNodes.values()) {
      const agent = numbers.get(key);
      if (agent !== undefined && Object.keys(limits).length > 0)
        agents.set(agent, { limits, used: new Map(), attached: new Map() });
    }
    const at = (node: string | undefined) => agents.get(numbers.get(node ?? '') ?? -1);
    const usedAtFirst: Used = new Map();
    for (const pod of claimants) {
      const used = at(pod.node)?.used;
      for (const volume of used ? attachedTo(pod, storage) : [])
        for (const counted of [used!, usedAtFirst]) count(counted, volume, 1);
    }
    for (const { node, driver, volume } of storage.attachments.values()) {
      const attached = at(node)?.attached;
      const handle = storage.volumes.get(volume)?.csi?.handle;
      if (!attached || driver === '' || handle === undefined) continue;
      const known = attached.get(driver);
      if (known) known.add(handle);
      else attached.set(driver, new Set([handle]));
    }
    const idle = [...agents].filter(([, each]) =>
      [...each.attached.keys()].some((d) => idleOf(each, d).length > 0),
    );
    return new AttachLimits(
      agents,
      idle.map(([agent]) => agent),
      usedAtFirst,
    );
  }

  /** A copy that can be changed without changing this one. @param keepsIdle what is attached for nobody still counts */
  fork(keepsIdle = true): AttachLimits {
    const agents = [...this.#agents].map(([agent, each]): [number, LimitedAgent] => {
      const used = new Map([...each.used].map(([driver, handles]) => [driver, new Map(handles)]));
      return [agent, { ...each, used, attached: keepsIdle ? each.attached : new Map() }];
    });
    return new AttachLimits(new Map(agents), this.detaching, this.#usedAtFirst);
  }

  /** Whether those volumes are more than an agent takes beside what it has. */
  exceeds(agent: number, volumes: readonly AttachedVolume[]): boolean {
    const limited = this.#agents.get(agent);
    if (!limited) return false;
    const { limits, used } = limited;
    const more = new Map<string, Set<string>>();
    for (const { driver, handle } of volumes) {
      if (limits[driver] === undefined || used.get(driver)?.has(handle)) continue;
      const known = more.get(driver);
      if (known) known.add(handle);
      else more.set(driver, new Set([handle]));
    }
    return [...more].some(([driver, handles]) => {
      // What is attached for nobody goes before long, and counts until then, even when it is what comes.
      const idle = idleOf(limited, driver).length;
      return (used.get(driver)?.size ?? 0) + idle + handles.size > limits[driver]!;
    });
  }

  /** Whether a Pod had a volume at first on an agent with limits: there it is no further one. */
  wasUsed({ driver, handle }: AttachedVolume): boolean {
    return this.#usedAtFirst.get(driver)?.has(handle) ?? false;
  }

  /** Counts the volumes of tasks that come to an agent, or go again when negative. */
  place(agent: number, volumes: readonly AttachedVolume[], tasks: number): void {
    const used = this.#agents.get(agent)?.used;
    if (used) for (const volume of volumes) count(used, volume, tasks);
  }
}

/** Handles of a driver's volumes that are attached and that no Pod uses. */
const idleOf = ({ used, attached }: LimitedAgent, driver: string): string[] =>
  [...(attached.get(driver) ?? [])].filter((handle) => !used.get(driver)?.has(handle));

function count(used: Used, { driver, handle }: AttachedVolume, pods: number): void {
  let handles = used.get(driver);
  if (!handles) used.set(driver, (handles = new Map()));
  const left = (handles.get(handle) ?? 0) + pods;
  if (left > 0) handles.set(handle, left);
  else handles.delete(handle);
}

import { lacks, type World, type WorldPod } from './preemption-world.ts';

/** What a scheduler did for the Pod that came. */
export interface Done {
  /** Number of its node; undefined when it waits on. */
  readonly node: number | undefined;
  /** Names of those who are gone. */
  readonly gone: ReadonlySet<string>;
}

const podsOf = ({ standing }: World, gone: ReadonlySet<string>) =>
  standing.filter(({ name }) => gone.has(name));

/** Those that go only together. */
const unitsOf = (pods: readonly WorldPod[]): WorldPod[][] => [
  ...Map.groupBy(pods, ({ name, gang }) => gang ?? name).values(),
];

const breaksBudget = ({ budget }: World, pods: readonly WorldPod[]): boolean =>
  budget !== undefined && pods.filter(({ app }) => app === budget.app).length > budget.allows;

/** What Proffer did against its own promises, by a plain reading of them; empty when it kept them all. */
function faultsOf(world: World, { node, gone }: Done): string[] {
  const pods = podsOf(world, gone);
  if (node === undefined) return gone.size > 0 ? ['evicted in vain'] : [];
  const units = unitsOf(pods);
  const lacked = lacks(world, node, gone);
  const spare = units.some((unit) => {
    const less = new Set(gone);
    for (const { name } of unit) less.delete(name);
    return lacks(world, node, less) === undefined;
  });
  const gangs = new Set(pods.flatMap(({ gang }) => gang ?? []));
  return [
    ...(lacked === undefined ? [] : [`it does not fit: ${lacked}`]),
    ...(spare ? ['one of those evicted could have stayed'] : []),
    ...(pods.some(({ priority }) => priority >= world.comer.priority) ? ['no less priority'] : []),
    ...(breaksBudget(world, pods) ? ['against a budget'] : []),
    ...(world.standing.some(({ gang, name }) => gangs.has(gang ?? '') && !gone.has(name))
      ? ['half a gang']
      : []),
  ];
}

/** Whether a gang may not go: not for this Pod, or not by its budget. */
const isGangKept = (world: World, gang: string): boolean => {
  const pods = world.standing.filter((pod) => pod.gang === gang);
  return pods.some(({ priority }) => priority >= world.comer.priority) || breaksBudget(world, pods);
};

/** What evictions cost, as both compare nodes: the highest priority that goes, then how many go. */
const costOf = (pods: readonly WorldPod[]): number =>
  Math.max(0, ...pods.map(({ priority }) => priority)) * 1000 + pods.length;

/** How what both did compares, in words; with `FAULT` before what no rule of docs/preemption.md explains. */
export function comparePreemption(world: World, theirs: Done, ours: Done): string {
  const faults = faultsOf(world, ours);
  if (faults.length > 0) return `FAULT of Proffer: ${faults.join(', ')}`;
  if (theirs.node !== undefined && lacks(world, theirs.node, theirs.gone) !== undefined)
    return 'FAULT of the comparison: kube-scheduler placed what does not fit';
  const [away, gone] = [podsOf(world, theirs.gone), podsOf(world, ours.gone)];
  const gangs = [...away, ...gone].flatMap(({ gang }) => gang ?? []);
  const breaks = breaksBudget(world, away);
  if (theirs.node === undefined && ours.node === undefined) return 'both: no room can be made';
  if (ours.node === undefined) {
    if (breaks) return 'kube-scheduler alone: it breaks a budget';
    if (gangs.some((gang) => isGangKept(world, gang)))
      return 'kube-scheduler alone: it breaks a gang that stays whole';
    return 'FAULT: kube-scheduler alone makes room';
  }
  if (theirs.node === undefined)
    return world.comer.near === undefined
      ? 'FAULT: Proffer alone makes room'
      : 'Proffer alone: it leaves one whom the Pod has to be near';
  if (gone.length === 0 && away.length === 0) return 'both: nobody has to go';
  if (ours.node === theirs.node && [...ours.gone].sort().join() === [...theirs.gone].sort().join())
    return 'both: the same go';
  if (breaks) return 'both: others go, kube-scheduler breaks a budget';
  if (gangs.length > 0) return 'both: others go, a gang goes whole';
  if (world.comer.near !== undefined) return 'both: others go, one whom the Pod has to be near stays';
  const [cost, least] = [costOf(gone), costOf(away)];
  if (cost === least) return 'both: others go, of the same highest priority and number';
  const isTie = ({ name, priority }: WorldPod): boolean =>
    !theirs.gone.has(name) && away.some((pod) => !ours.gone.has(pod.name) && pod.priority === priority);
  if (gone.some(isTie)) return 'both: others go, some of the same priority in place of each other';
  // kube-scheduler keeps first whom it takes a budget to protect: those of least priority that are more than it allows.
  if (cost < least && world.budget) return 'both: others go, Proffer has cheaper ones that the budget allows';
  return cost < least ? 'FAULT: Proffer has cheaper ones go' : 'FAULT: Proffer has dearer ones go';
}

import { addDocuments, noObjects } from '../../../src/dump/objects.ts';
import { inputsOf } from '../../../src/dump/inputs.ts';
import { podClass } from '../../../src/dump/pod-class.ts';
import { readPod } from '../../../src/snapshot/reading/pod.ts';
import { buildMatrices } from '../../../src/matrix/matrices.ts';
import { verdictsOf } from '../../../src/matrix/verdict.ts';
import { buildSnapshot } from '../../../src/world/world.ts';
import type { Pod } from '../../../src/snapshot/reading/objects.ts';
import { createPodReader } from '../../../src/snapshot/task.ts';
import type { RawObject } from '../../../src/snapshot/workload.ts';
import { Draw } from './draw.ts';
import type { Ground, KubeList } from './ground.ts';
import { randomCluster } from './random-cluster.ts';
import type { AskedScheduler } from './scheduler.ts';
import { DRIVERS } from '../../../src/frameworks/drivers.ts';

/** What one Pod came to. */
export interface Comparison {
  /** The rules that it was drawn with. */
  readonly rules: readonly string[];
  readonly nodes: number;
  /** Nodes that kube-scheduler lets it go to. */
  readonly fits: number;
  /** Nodes where Proffer says something else. */
  readonly disagreements: readonly Disagreement[];
}

/** A node that one accepts and the other refuses. */
export interface Disagreement {
  /** Names the cluster. */
  readonly seed: number;
  readonly node: string;
  readonly acceptedBy: 'kube-scheduler' | 'Proffer';
  /** What Proffer has against the node. */
  readonly reasons: readonly string[];
  readonly pod: RawObject;
}

/**
 * Draws a cluster, puts it on an API server, and compares the nodes that kube-scheduler and Proffer let each Pod go to.
 * @param seed names the cluster
 */
export async function compareCluster(
  ground: Ground,
  scheduler: AskedScheduler,
  seed: number,
  pods: number,
): Promise<Comparison[]> {
  const cluster = randomCluster(new Draw(seed), pods);
  const made = await ground.put(cluster);
  // From now on: as soon as Pods go, the scheduler looks for places anew.
  const accepted = new Map(scheduler.fits);
  const lists = await ground.lists();
  // Of a RuntimeClass Proffer is to know itself what it adds: it judges the Pod as it was before it was taken in.
  const judged = made.map((pod, i) => {
    const drawn = cluster.probes[i]!;
    const asDrawn = pod && !drawn.ephemeral && drawn.rules.includes('RuntimeClass');
    return asDrawn ? (drawn.pod as unknown as Pod) : undefined;
  });
  const answers = answersOfProffer(lists, made, judged);
  await ground.clear();
  return cluster.probes.flatMap(({ rules }, i): Comparison[] => {
    const pod = made[i];
    if (!pod) return [];
    const theirs = new Set(accepted.get(pod.metadata.uid!) ?? []);
    const disagreements = answers
      .get(pod)!
      .filter(({ node, fits }) => fits !== theirs.has(node))
      .map(({ node, fits, reasons }): Disagreement => {
        return { seed, node, acceptedBy: fits ? 'Proffer' : 'kube-scheduler', reasons, pod };
      });
    return [{ rules, nodes: cluster.nodes.length, fits: theirs.size, disagreements }];
  });
}

/** What Proffer says of a node. */
interface Answer {
  readonly node: string;
  readonly fits: boolean;
  readonly reasons: readonly string[];
}

/**
 * What Proffer says of each Pod on each node, health aside: the operator's readers and matrices, on the same objects.
 * @param drawn manifests that are judged in place of what the API server made of them
 */
function answersOfProffer(
  lists: readonly KubeList[],
  pods: readonly (RawObject | undefined)[],
  drawn: readonly (Pod | undefined)[],
): Map<RawObject, Answer[]> {
  const objects = noObjects();
  addDocuments(
    objects,
    lists.map((value) => ({ value, where: value.kind })),
    'default',
  );
  const inputs = inputsOf(objects, { now: Date.now(), hostPorts: { first: 1, last: 0 }, complete: true });
  const snapshot = buildSnapshot(inputs, DRIVERS);
  const read = createPodReader();
  const asked = pods.filter((pod) => pod !== undefined);
  const classes = asked.map((pod) => {
    const { metadata } = pod;
    const manifest = drawn[pods.indexOf(pod)];
    if (manifest) return podClass(readPod(manifest), read(manifest), snapshot);
    const key = `${metadata.namespace}/${metadata.name}`;
    const facts = inputs.pods.find((each) => each.key === key)!;
    return podClass(readPod(objects.pods.get(key)!.object), facts, snapshot);
  });
  const refused = classes.flatMap(({ shape }) => shape.unsupported);
  if (refused.length > 0) throw new Error(`drawn, but refused by name: ${[...new Set(refused)].join(', ')}`);
  const matrices = buildMatrices(snapshot, classes);
  return new Map(
    asked.map((pod, row) => {
      const verdicts = verdictsOf(snapshot, matrices, row, () => '');
      return [
        pod,
        verdicts.map(({ room, reasons }, i) => ({ node: snapshot.agents[i]!.name, fits: room > 0, reasons })),
      ];
    }),
  );
}

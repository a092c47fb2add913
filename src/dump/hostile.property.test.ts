import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, NOW } from '../../test/builders/index.ts';
import { anyHostile, HOSTILE, HOW_MUCH, type HostileObject } from '../../test/support/hostile.ts';
import { atOnce } from '../lib/steps.ts';
import { runCycle } from '../controllers/cycle.ts';
import { recordCycle } from '../controllers/record.ts';
import type { Stores } from '../controllers/stores.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { Store, type Keyed } from '../kube/store.ts';
import type { Clock } from '../lib/clock.ts';
import { clusterOf, list } from './cluster.test-helper.ts';
import { inputsOf, type ClusterInputs } from './inputs.ts';
import { addDocuments, type ClusterObjects } from './objects.ts';
import { replay } from './replay.ts';

const clock: Clock = { now: () => NOW, monotonic: () => 0, sleep: () => Promise.resolve() };
const options = { now: NOW, hostPorts: { first: 7000, last: 8000 }, clock };

const good = aPool('good')
  .namespace('tenant-a')
  .replicas(6)
  .cpu('1')
  .port('game', 7777)
  .nodeSelector('team', 'a');
const victim = { name: 'good', uid: good.identity.uid };

/** Two of its six servers run. What it is guaranteed is there. */
const all = [
  aNode('a1').cpu('4').label('team', 'a'),
  aNode('a2').cpu('4').label('team', 'a'),
  ...['b1', 'b2'].map((name) =>
    aNode(name).cpu('4').label('team', 'b').label('size', '4').resource('example.com/gpu', '100'),
  ),
  aRole('tenant-a').ownedBy().guarantee({ cpu: '6' }),
  good,
  aPod('good-0').namespace('tenant-a').ofPool(good, 0).on('a1').cpu('1').ready(),
  aPod('good-1').namespace('tenant-a').ofPool(good, 1).on('a1').cpu('1').exited(1, 30, 3600),
];
const namespaces = ['tenant-a', HOSTILE].map((name) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
}));

function clusterWith(hostile: readonly HostileObject[]): ClusterObjects {
  const cluster = clusterOf(...all);
  // What the API server says is text.
  const items = JSON.parse(JSON.stringify([...namespaces, ...hostile])) as unknown[];
  addDocuments(cluster, [{ value: { ...list(), items }, where: 'hostile.json' }], HOSTILE);
  return cluster;
}

const isOf = (namespace: string) => (each: { readonly pod: string }) => each.pod.startsWith(`${namespace}/`);

/** What a cycle does for and to the tenant that means no harm. */
function lotOf(cluster: ClusterObjects) {
  const { created, evicted, deleted } = replay(cluster, options);
  return {
    created: created
      .filter(isOf('tenant-a'))
      .map(({ pod, node, hostPorts, workload }) => [workload, pod, node, hostPorts.length]),
    evicted: evicted.filter(isOf('tenant-a')),
    deleted: deleted.filter(isOf('tenant-a')),
  };
}

function storesOf({ agents, pods, workloads, roles }: ClusterInputs): Stores {
  const store = <T extends Keyed>(items: Iterable<T>) => {
    const made = new Store<T>();
    for (const item of items) made.put(item);
    return made;
  };
  return {
    nodes: store(agents),
    pods: store(pods),
    workloads: new Map(
      [...Map.groupBy(workloads, ({ names }) => names.kind)].map(([kind, of]) => [kind, store(of)] as const),
    ),
    roles: store(roles),
  } as unknown as Stores;
}

/**
 * Runs a cycle and all that the operator derives from it.
 * @returns nodes that get more than they have room for, and how many Pods of the hostile tenant are placed
 */
function whatIsPlaced(cluster: ClusterObjects): { readonly over: string[]; readonly hostile: number } {
  const inputs = inputsOf(cluster, options);
  const result = runCycle(inputs, clock, DRIVERS);
  const steps = recordCycle(result, storesOf(inputs), DRIVERS, new Map(), () => false, {
    amend: (_, status) => status,
    waits: () => {},
    told: () => {},
  });
  atOnce(steps);
  const { snapshot, allocation } = result;
  const launched = new Map<number, Map<string, number>>();
  for (const { offer } of allocation.launches) {
    const sum = launched.get(offer.agent) ?? new Map<string, number>();
    launched.set(offer.agent, sum);
    const { demand } = offer.demandClass.shape;
    for (const name of Object.keys(demand)) sum.set(name, (sum.get(name) ?? 0) + demand[name]!);
  }
  const over = [...launched].flatMap(([agent, sum]) => {
    const { name, allocatable } = inputs.agents.find((each) => each.name === snapshot.agents[agent]!.name)!;
    const held = inputs.pods.filter(({ node, terminal }) => node === name && !terminal);
    const over = [...sum].filter(([resource, amount]) => {
      const used = held.reduce((total, { requests }) => total + (requests[resource] ?? 0), 0);
      return (
        amount > 0 && used + amount > (Object.hasOwn(allocatable, resource) ? allocatable[resource]! : 0)
      );
    });
    return over.map(([resource]) => `${name}: ${resource}`);
  });
  const hostile = allocation.launches.filter(
    ({ offer }) => snapshot.frameworks[offer.framework]!.metadata.namespace === HOSTILE,
  ).length;
  return { over, hostile };
}

/**
 * That the good pool gets the same is a true promise here: what it asks for is guaranteed and free, so that it comes
 * before all that has no guarantee; what is bound of the others is on a node that its servers do not go to, and shares
 * no label with theirs; and no OfferRole of the others guarantees or reserves anything, which is the administrator's.
 */
test(
  'whatever stands in the objects of one tenant, a cycle does the same for the other',
  { timeout: 3_600_000 },
  () => {
    const usual = lotOf(clusterWith([]));
    expect([usual.created.length, usual.evicted, usual.deleted]).toEqual([5, [], []]);
    let hostilePlaced = 0;
    fc.assert(
      fc.property(
        fc.array(anyHostile({ node: 'b1', victim }), { minLength: 1, maxLength: 12 }),
        (hostile) => {
          const cluster = clusterWith(hostile);
          expect(lotOf(cluster)).toEqual(usual);
          const { over, hostile: placed } = whatIsPlaced(cluster);
          expect(over).toEqual([]);
          hostilePlaced += placed;
        },
      ),
      { numRuns: HOW_MUCH.clusters, seed: HOW_MUCH.seed },
    );
    // Not all of it is refused as it is read: much goes all the way.
    expect(hostilePlaced).toBeGreaterThan(HOW_MUCH.clusters / 4);
  },
);

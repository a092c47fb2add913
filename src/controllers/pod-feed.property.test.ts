import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aRole, aSnapshot, NOW } from '../../test/builders/index.ts';
import { REASON } from '../api/conditions.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { atOnce } from '../lib/steps.ts';
import { AssumedPods } from '../writes/assumed.ts';
import { Store } from '../kube/store.ts';
import { HEALTHY, type AgentHealth } from '../recovery/health.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import type { Hold } from '../snapshot/hold.ts';
import type { Inputs, Surroundings } from '../world/inputs.ts';
import { buildSnapshot, World } from '../world/world.ts';
import { PodFeed } from './pod-feed.ts';

const arena = aPool('arena').replicas(4).cpu('1').port('game', 7777);
const battle = aPool('battle').replicas(2).cpu('500m').role('red').priority(3);
const learn = aJob('learn').maxRestarts(2).group(aGroup('w').replicas(3).cpu('1'), aGroup('ps').cpu('1'));

/** What a Pod of a name can be, one after the other, or to two who list at different times. */
const STATES: readonly ((name: string, slot: number, node: string) => ReturnType<typeof aPod>)[] = [
  (name, slot, node) =>
    aPod(name)
      .ofPool(arena, slot)
      .cpu('1')
      .fixedPort(7000 + slot)
      .on(node)
      .ready(),
  (name, slot, node) => aPod(name).ofPool(arena, slot).cpu('1').on(node).starting(),
  (name, slot, node) => aPod(name).ofPool(arena, slot).cpu('1').on(node).exited(1, 3).failures(slot),
  (name, slot, node) => aPod(name).ofPool(arena, slot).cpu('1').on(node).ready().deleting(),
  (name, slot, node) => aPod(name).ofPool(arena, slot).cpu('1').on(node).ready().session('Allocated'),
  (name, slot, node) => aPod(name).ofPool(battle, slot).cpu('500m').on(node).lost(2),
  (name, slot, node) => aPod(name).ofPool(battle, slot).cpu('500m').on(node).failed('OutOfcpu'),
  (name, slot, node) => aPod(name).ofJob(learn, 'w', slot).cpu('1').on(node).ready(),
  (name, slot, node) =>
    aPod(name)
      .ofJob(learn, 'w', slot)
      .cpu('1')
      .on(node)
      .exited(slot % 2, 1),
  (name, _, node) => aPod(name).customer().ownedBy('ReplicaSet', 'web').cpu('2').on(node).ready(),
  (name) => aPod(name).customer().ownedBy('ReplicaSet', 'web').cpu('2'),
  (name, _, node) => aPod(name).request('example.com/fpga', '1').on(node),
  (name) => aPod(name).customer().ownedBy('Job', 'bake').request('example.com/fpga', '1'),
  (name, slot) => aPod(name).customer().gang('pair', 2).label('apps.kubernetes.io/pod-index', `${slot}`),
  (name, _, node) => aPod(name).customer().gang('pair', 2).on(node).ready(),
  (name, _, node) => aPod(name).cpu('3').on(node).ready(),
  (name, _, node) => aPod(name).cpu('3').nominated(node),
  (name, _, node) => aPod(name).on(node).claims('save').ready(),
  (name, _, node) => aPod(name).on(node).condition('DisruptionTarget', 'True').ready().deleting(),
];
const NAMES = ['a', 'b', 'c', 'd'];
const NODES = ['n1', 'n2', 'n3'];

const read = createPodReader();
/** By name, state and node: the stores hold the same object until something is read anew. */
const PODS = NAMES.map((name, slot) =>
  STATES.map((state) => NODES.map((node) => read(state(name, slot, node).build()))),
);

const anyPlace = fc.record({
  name: fc.nat(NAMES.length - 1),
  state: fc.nat(STATES.length - 1),
  node: fc.nat(NODES.length - 1),
  version: fc.integer({ min: 1, max: 60 }),
});
const FPGA = 'example.com/fpga';
const unfit = (unfitMs: number): AgentHealth => ({ ...HEALTHY, unfitMs, cause: 'no heartbeat' });
const refused: Hold = { reason: REASON.api, message: 'quota' };

/** What there is beside Pods: parts that change each for itself, each with the states that it can have. The first is where it begins. */
const AROUND = [
  [aNode('n1').boot('1'), undefined, aNode('n1').boot('2'), aNode('n1').cordoned(), aNode('n1').cpu('9')],
  [aNode('n2'), aNode('n2').resource(FPGA, '2'), undefined, aNode('n2').label('kept', 'yes')],
  [aNode('n3').cpu('1'), aNode('n3').cpu('64'), undefined],
  [arena, undefined, aPool('arena').replicas(1).cpu('1'), aPool('arena').role('red')],
  [battle, aPool('battle').replicas(0), aPool('battle').replicas(5).field('template', 1)],
  [learn, aJob('learn').maxRestarts(0).group(aGroup('w').replicas(3).cpu('1')), undefined],
  [
    undefined,
    aRole('red')
      .weight(2)
      .limit({ cpu: '4', [FPGA]: '1' }),
    aRole('red').withoutPriority(),
  ],
  [undefined, aRole('games').reserve('kept', 'yes', { cpu: '2' }), aRole('games').guarantee({ cpu: '3' })],
  [aSnapshot(), aSnapshot().service('by-number', { 'apps.kubernetes.io/pod-index': '0' })],
  [aSnapshot(), aSnapshot().priorityClass('high', 1000, { globalDefault: true })],
].map((states) =>
  states.map((state) => {
    if (state === undefined) return aSnapshot().inputs();
    return ('with' in state ? state : aSnapshot().with(state)).inputs();
  }),
);
const HEALTH = [undefined, unfit(5000), unfit(90_000), { ...HEALTHY, deleting: true }];
const HOLDS = [undefined, refused, { ...refused, holdsLaunched: true }, { ...refused, freezes: true }];

const WRITES = [
  ...(['launch', 'stored', 'failed', 'bind', 'unbind', 'remove', 'keep', 'notify', 'unamend'] as const),
  ...(['expire', 'clear'] as const),
] as const;
type Write = (typeof WRITES)[number];

const anyEvent = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('put' as const), pod: anyPlace }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('delete' as const), pod: anyPlace }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('list' as const), pods: fc.array(anyPlace, { maxLength: 6 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('write' as const),
      pod: anyPlace,
      write: fc.constantFrom(...WRITES),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('around' as const),
      part: fc.nat(AROUND.length + 1),
      state: fc.nat(4),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('wait' as const), seconds: fc.integer({ min: -2, max: 20 }) }),
  },
);
const seldomNot = fc.constantFrom(true, true, false);
type Event = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never;

/** Follows the events as the operator does, and keeps what a picture is made of. */
class Model {
  readonly store = new Store<PodFacts>();
  readonly assumed = new AssumedPods();
  readonly world = new World(DRIVERS);
  readonly feed = new PodFeed(this.store, this.assumed, this.world.ledger);
  readonly #states = AROUND.map(() => 0);
  #health = 0;
  #hold = 0;
  now = NOW;

  constructor() {
    this.store.subscribe(({ type, object }) => this.assumed.seen(object, type === 'deleted'));
  }

  around(): Surroundings {
    const parts = AROUND.map((states, part) => states[this.#states[part]! % states.length]!);
    const all = <T>(of: (part: Inputs) => Iterable<T>): T[] => parts.flatMap((part) => [...of(part)]);
    const [health, hold] = [HEALTH[this.#health], HOLDS[this.#hold]];
    return {
      ...parts[0]!,
      now: this.now,
      agents: all(({ agents }) => agents),
      workloads: all(({ workloads }) => workloads),
      roles: all(({ roles }) => roles),
      services: all(({ services }) => services),
      priorityClasses: all(({ priorityClasses }) => priorityClasses),
      health: new Map(health ? [['n1', health]] : []),
      holds: new Map(hold ? [['gsp/games/arena', hold]] : []),
    };
  }

  turn(part: number, state: number): void {
    if (part === AROUND.length) this.#health = state % HEALTH.length;
    else if (part > AROUND.length) this.#hold = state % HOLDS.length;
    else this.#states[part] = state;
  }

  happens(event: Event): void {
    const { store } = this;
    switch (event.what) {
      case 'put':
        return void store.put(podOf(event.pod), `${event.pod.version}`);
      case 'delete':
        return void store.delete(podOf(event.pod).key);
      case 'list': {
        const listed = new Map(event.pods.map((pod) => [podOf(pod).key, pod]));
        const pods = [...listed.values()];
        return store.replace(
          pods.map(podOf),
          pods.map(({ version }) => `${version}`),
        );
      }
      case 'around':
        return this.turn(event.part, event.state);
      case 'wait':
        this.now += event.seconds * 1000;
        return;
      case 'write':
        return this.#write(event.write, podOf(event.pod));
    }
  }

  #write(write: Write, pod: PodFacts): void {
    const { store, assumed, now } = this;
    const { key, uid } = pod;
    switch (write) {
      case 'launch':
        // The name of a Pod that is there is given to no other.
        return store.get(key) ? undefined : assumed.launch({ ...pod, uid: '', resourceVersion: '' });
      case 'stored':
        return assumed.stored({ ...pod, resourceVersion: '30' }, now);
      case 'failed':
        return assumed.failed(key);
      case 'bind':
        return assumed.bind(key, uid, 'n2');
      case 'unbind':
        return assumed.unbind(key);
      case 'remove':
        return assumed.remove(key, uid, false, true);
      case 'keep':
        return assumed.keep(key);
      case 'notify':
        return assumed.notify(key, uid, now + 5000);
      case 'unamend':
        return assumed.unamend(key);
      case 'expire':
        return assumed.expire('40');
      case 'clear':
        return assumed.clear();
    }
  }

  /** Compares. */
  look(): void {
    atOnce(this.feed.take());
    const around = this.around();
    const pods = [...this.assumed.overlay(this.store.values())];
    expect(plain(atOnce(this.world.snapshot(around)))).toEqual(
      plain(buildSnapshot({ ...around, pods }, DRIVERS)),
    );
  }
}

const podOf = ({ name, state, node }: { name: number; state: number; node: number }): PodFacts =>
  PODS[name]![state]![node]!;

const byKey = (pods: readonly PodFacts[]) => pods.toSorted((a, b) => (a.key < b.key ? -1 : 1));

/** A picture as plain data; the order in which ports and Pods are held says nothing. */
const plain = ({
  ports,
  pods,
  ruling,
  claimants,
  leaving,
  asked,
  classes,
  frameworks,
  ...rest
}: Snapshot) => ({
  ...rest,
  frameworks: frameworks.map(({ classes: own, ...others }) => ({
    ...others,
    classes: own.map(({ id }) => id),
  })),
  classes: classes.map(({ pending, ...others }) => ({ ...others, pending: [...pending] })),
  lists: [pods, ruling, claimants, leaving, asked].map(byKey),
  ports: ports.map((p) => [p.free, p.held.map((h) => `${h.port}/${h.protocol}`).sort()]),
});

test('whatever happens in whatever order, the ledger gives the picture that all objects give at once', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyEvent, seldomNot), { minLength: 8, maxLength: 50 }), (events) => {
      const model = new Model();
      for (const [each, looks] of events) {
        model.happens(each);
        if (looks) model.look();
      }
      model.look();
    }),
    { numRuns: 300 },
  );
});

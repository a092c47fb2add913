import { expect, test } from 'vitest';
import { aNode, aSnapshot, NOW } from '../../test/builders/index.ts';
import type { KindNames } from '../api/kinds.ts';
import { takeAll } from '../frameworks/common/answer.ts';
import type { Drivers, WorkloadDriver } from '../frameworks/common/driver.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { Store } from '../kube/store.ts';
import type { CreateCommand } from '../plan/command.ts';
import { NOTHING_ENDED } from '../snapshot/framework.ts';
import { ranked } from '../snapshot/named-classes.ts';
import { createPodReader } from '../snapshot/task.ts';
import { OpenSlots } from '../snapshot/vacancies.ts';
import { atOnce } from '../lib/steps.ts';
import { shapeOf, type Workload, type WorkloadStatus } from '../snapshot/workload.ts';
import { runCycle } from './cycle.ts';
import { recordCycle } from './record.ts';
import type { Stores } from './stores.ts';

const NAMES: KindNames = {
  kind: 'Relay',
  plural: 'relays',
  singular: 'relay',
  shortName: 'ry',
  scope: 'Namespaced',
};

/** So many runners are of use together, and each is told who comes next. */
interface RelaySpec {
  readonly runners: number;
}
type Relay = Workload<RelaySpec & Workload['spec']>;

const relayDriver: WorkloadDriver<Relay> = {
  word: 'runner',
  together: () => true,
  draft({ workload, metadata, pods }) {
    const { runners } = workload.spec;
    const taken = pods.map(({ task }) => task.slot);
    const [namespace, base] = [metadata.namespace!, metadata.name];
    const fresh = runners - pods.length;
    const draft = {
      ...NOTHING_ENDED,
      revocable: false,
      noticeSeconds: 0,
      together: true,
      gang: true,
      hold: undefined,
      classes: [
        {
          group: '',
          shape: workload.groups[0]!.shape,
          scheduling: 'Packed' as const,
          size: runners,
          pending: new OpenSlots({ namespace, base, reopened: [], fresh, taken }),
          leastPriority: undefined,
          perNode: new Map(),
        },
      ],
      live: pods,
      ready: 0,
      waitsSince: 0,
      wakeAt: Number.POSITIVE_INFINITY,
    };
    return ranked(draft, workload.standing);
  },
  answer: (bundle) => takeAll(bundle, 'runners'),
  marks: ({ metadata, classes }, { vacancy }) => ({
    labels: { relay: metadata.name },
    environment: [{ name: 'NEXT', value: String((vacancy.slot + 1) % classes[0]!.size) }],
  }),
  status: ({ spec }, { framework, held }) => ({
    status: { message: held?.message ?? `${framework.live.length} of ${spec.runners} run` },
    news: [],
  }),
};

const drivers: Drivers = new Map([...DRIVERS, [NAMES.kind, relayDriver]]);

function relay(runners: number): Relay {
  const containers = [{ name: 'main', resources: { requests: { cpu: '1' } } }];
  const shape = shapeOf({ spec: { containers } }, [], 'games', { relay: 'sprint' });
  const metadata = { name: 'sprint', namespace: 'games', uid: 'uid-of-sprint' };
  return {
    names: NAMES,
    key: 'games/sprint',
    metadata,
    spec: { runners, priority: 0 },
    status: {},
    faults: [],
    groups: [{ name: '', shape }],
  };
}

/** One cycle on a node of four cores, and what the relay says after it. */
function cycle(workload: Relay, pods: readonly CreateCommand['pod'][] = []) {
  const inputs = aSnapshot().with(aNode('n1').cpu('4').pods(10)).inputs();
  const clock = { now: () => NOW, monotonic: () => 0, sleep: () => Promise.resolve() };
  const read = createPodReader();
  const stored = pods.map(({ metadata, ...rest }, i) =>
    read({ ...rest, metadata: { ...metadata, uid: `u${i}` } }),
  );
  const result = runCycle({ ...inputs, pods: stored, workloads: [workload] }, clock, drivers);
  const store = new Store<Workload>();
  store.put(workload);
  const stores = { workloads: new Map([[NAMES.kind, store]]) } as unknown as Stores;
  const listeners = {
    amend: (_: unknown, status: WorkloadStatus) => status,
    waits: () => {},
    told: () => {},
  };
  const { statuses } = atOnce(recordCycle(result, stores, drivers, new Map(), () => false, listeners));
  const made = result.commands.filter((command) => command.kind === 'create').map(({ pod }) => pod);
  return { result, made, statuses };
}

test('a fourth kind needs a driver and its line in the list of drivers, nothing else', () => {
  const { made } = cycle(relay(3));
  expect(made.map(({ metadata }) => metadata.name)).toEqual(['sprint-0', 'sprint-1', 'sprint-2']);
  expect(made[2]).toMatchObject({
    metadata: { labels: { relay: 'sprint' }, ownerReferences: [{ kind: 'Relay', uid: 'uid-of-sprint' }] },
    spec: { nodeName: 'n1', containers: [{ env: [{ name: 'NEXT', value: '0' }] }] },
  });

  const { result, statuses } = cycle(relay(3), made);
  expect(result.commands).toEqual([]);
  expect(result.snapshot.frameworks).toMatchObject([
    { id: 'ry/games/sprint', kind: 'Relay', together: true },
  ]);
  // What its Pods hold is charged to it.
  expect(Math.max(...result.snapshot.held[0]!)).toBeGreaterThan(0);
  expect(statuses).toMatchObject([
    {
      path: expect.stringMatching(/\/namespaces\/games\/relays\/sprint$/),
      desired: { message: '3 of 3 run' },
    },
  ]);
});

test('its driver declines what is of no use to it, and its status says so', () => {
  const { made, statuses } = cycle(relay(5));
  expect(made).toEqual([]);
  expect(statuses).toMatchObject([{ desired: { message: expect.stringContaining('4 of 5 runners fit') } }]);
});

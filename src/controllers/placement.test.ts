import { beforeEach, describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, NOW } from '../../test/builders/index.ts';
import { KIND } from '../api/kinds.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { Store, type Keyed } from '../kube/store.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { Command } from '../plan/command.ts';
import { agentFacts } from '../snapshot/agent.ts';
import { createPodReader } from '../snapshot/task.ts';
import { roleFacts } from '../snapshot/workload.ts';
import type { Counts } from '../views/counts.ts';
import { AssumedPods } from '../writes/assumed.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { PortRanges } from '../snapshot/port-ranges.ts';
import { Placement, type PlacementOptions, type Writes } from './placement.ts';
import type { Stores } from './stores.ts';

const store = <T extends Keyed>() => new Store<T>();
const readPod = createPodReader();
const nothing = (): void => {};

/** A placement loop over stores that a test fills, with writes that come to nothing. */
function loop() {
  const clock = new ManualClock(NOW);
  const stores: Stores = {
    nodes: store(),
    pods: store(),
    workloads: new Map([[KIND.pool.kind, store()]]),
    roles: store(),
    namespaces: store(),
    services: store(),
    priorityClasses: store(),
    runtimeClasses: store(),
    storage: {
      claims: store(),
      volumes: store(),
      classes: store(),
      csiNodes: store(),
      csiDrivers: store(),
      csiCapacities: store(),
      attachments: store(),
    },
  };
  const state = { leads: true, fails: false, loses: false };
  /** The commands of each cycle; those that have a status to write; what was logged as an error, and counted. */
  const cycles: (readonly Command[])[] = [];
  const recorded: number[] = [];
  const errors: string[] = [];
  const counted = { failed: 0 };
  const writes: Writes = {
    *submit(commands) {
      yield;
      cycles.push(commands);
    },
    admitted: () => {
      if (state.loses) state.leads = false;
      if (state.fails) throw new Error('a fault of nobody');
      return new Map();
    },
    keepAdmitted: nothing,
    troubles: () => new Map(),
    abort: nothing,
    drain: () => Promise.resolve(),
  };
  const counts: Counts = {
    add: (...[counter]) => void (counted.failed += counter === 'cyclesFailed' ? 1 : 0),
    phases: ({ record }) => void (record !== undefined && recorded.push(clock.now() - NOW)),
    state: nothing,
  };
  const options: PlacementOptions = {
    drivers: DRIVERS,
    stores,
    assumed: new AssumedPods(),
    monitor: { assess: () => false, health: new Map(), suspended: false, transitions: [] },
    statuses: {
      *want() {
        yield;
      },
    },
    amend: (_, status) => status,
    events: { record: nothing },
    counts,
    clock,
    log: { debug: nothing, info: nothing, warn: nothing, error: (_, text) => void errors.push(text) },
    hostPorts: new PortRanges({ default: { first: 7000, last: 7009 } }),
    intervalMs: 1000,
    mayDecide: () => state.leads,
    podMirror: { resourceVersion: '1', lastEventAt: 0, resync: () => Promise.resolve() },
    makeLauncher: () => writes,
  };
  const placement = new Placement(options);
  let version = 1;
  const put = {
    node: (name: string) => void stores.nodes.put(agentFacts(aNode(name).cpu('4').pods(20).build())),
    pod: (name: string) => void stores.pods.put(readPod(aPod(name).on('n1').cpu('1').build())),
    /** A server of the pool, with so many players. */
    server: (players: string) =>
      void stores.pods.put(
        readPod(
          aPod('arena-0')
            .ofPool(aPool('arena'), 0)
            .on('n1')
            .ready()
            .annotation('proffer.dev/counter.players', players)
            .build(),
        ),
      ),
    /** A pool of 1 cpu a server, each time a newer one. */
    pool: (replicas: number, metadata: { readonly uid?: string; readonly generation?: number } = {}) => {
      const pool = aPool('arena').replicas(replicas).cpu('1').build();
      stores.workloads
        .get(KIND.pool.kind)!
        .put(poolFacts({ ...pool, metadata: { ...pool.metadata, generation: version++, ...metadata } }));
    },
    /** A role whose status says how many frameworks it has. */
    role: (frameworks: number) =>
      void stores.roles.put(roleFacts({ ...aRole('games').build(), status: { frameworks } })),
  };
  return { placement, clock, state, cycles, recorded, errors, counted, put };
}

let run: ReturnType<typeof loop>;
let over: AbortController;

beforeEach(() => {
  run = loop();
  over = new AbortController();
  void run.placement.run(over.signal);
  return async () => {
    over.abort();
    await run.clock.advance(5000);
  };
});

describe('the loop', () => {
  test('takes a pool that was made anew under its name for another one, and a role whose status was written for the same', async () => {
    run.put.node('n1');
    run.put.pool(1, { generation: 1 });
    run.put.role(1);
    await run.clock.advance(1000);
    run.cycles.length = 0;
    run.put.role(2);
    await run.clock.advance(200);
    expect(run.cycles.length).toBe(0);
    run.put.pool(1, { uid: 'another', generation: 1 });
    await run.clock.advance(200);
    expect(run.cycles.length).toBe(1);
  });

  test('sums players up a second after they came, once for all that came meanwhile', async () => {
    run.put.node('n1');
    run.put.server('0/16');
    await run.clock.advance(1000);
    run.cycles.length = 0;
    for (const players of ['1/16', '2/16', '3/16']) {
      run.put.server(players);
      await run.clock.advance(300);
    }
    expect(run.cycles.length).toBe(0);
    await run.clock.advance(200);
    expect(run.cycles.length).toBe(1);
  });

  test('carries nothing out when its leadership ends while it decides', async () => {
    await run.clock.advance(1000);
    run.cycles.length = 0;
    run.state.loses = true;
    run.put.node('n1');
    run.put.pool(2);
    await run.clock.advance(1000);
    expect(run.cycles).toEqual([]);
    Object.assign(run.state, { leads: true, loses: false });
    await run.clock.advance(1000);
    expect(run.cycles.flat().map(({ kind }) => kind)).toEqual(['ask']);
  });

  test('runs one cycle for changes that come together, and none while nothing changes', async () => {
    await run.clock.advance(1000);
    const before = run.cycles.length;
    run.put.node('n1');
    run.put.pool(2);
    await run.clock.advance(19);
    expect(run.cycles).toHaveLength(before);
    await run.clock.advance(1);
    expect(run.cycles).toHaveLength(before + 1);
    expect(run.cycles.at(-1)!.map(({ kind }) => kind)).toEqual(['ask']);
  });

  test('keeps what changed while it may not decide, and decides as soon as it may', async () => {
    run.state.leads = false;
    run.put.node('n1');
    run.put.pool(2);
    await run.clock.advance(5000);
    expect(run.cycles).toEqual([]);
    run.state.leads = true;
    await run.clock.advance(500);
    expect(run.cycles).toHaveLength(1);
  });

  test('derives statuses at most four times a second, and never forgets the last cycle', async () => {
    for (let n = 0; n < 10; n++) {
      run.put.pool(n);
      await run.clock.advance(50);
    }
    await run.clock.advance(500);
    expect(run.recorded.length).toBeLessThan(run.cycles.length);
    for (const [n, at] of run.recorded.slice(1).entries())
      expect(at - run.recorded[n]!).toBeGreaterThanOrEqual(250);
    expect(run.recorded.at(-1)).toBeGreaterThanOrEqual(500);
  });

  test('goes on after cycles that fail, says so once, and is unwell when they fail for long', async () => {
    run.state.fails = true;
    run.put.pool(1);
    await run.clock.advance(20_000);
    expect(run.counted.failed).toBeGreaterThan(10);
    expect(run.errors).toEqual(['cycle failed, and is tried again and again']);
    expect(run.placement.trouble()).toBeUndefined();
    await run.clock.advance(20_000);
    expect(run.placement.trouble()).toContain('keep failing');
    run.state.fails = false;
    await run.clock.advance(2000);
    expect(run.placement.trouble()).toBeUndefined();
    expect(run.cycles.length).toBeGreaterThan(0);
  });

  test('shows people the picture of the last cycle, whatever came since', async () => {
    expect(run.placement.inspect.latest()).toBeUndefined();
    run.put.node('n1');
    await run.clock.advance(500);
    const shown = run.placement.inspect.latest()!;
    run.put.node('n2');
    run.put.pod('x');
    expect(run.placement.inspect.latest()!.snapshot).toBe(shown.snapshot);
    await run.clock.advance(500);
    expect(run.placement.inspect.latest()!.snapshot.agents.map(({ name }) => name)).toEqual(['n1', 'n2']);
  });
});

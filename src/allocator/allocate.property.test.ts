import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { buildSnapshot } from '../world/world.ts';
import { portsClash, type HostPort } from '../snapshot/ports.ts';
import type { Allocation } from './allocate.ts';
import { decide } from './decide.test-helper.ts';
import { isWithin } from '../lib/role-path.ts';
import { allocateSlowly } from './reference.test-helper.ts';
import { anyScenario, buildScenario } from './scenario.test-helper.ts';
import { DRIVERS } from '../frameworks/drivers.ts';

/** Tasks of each class on each agent. */
function placedBy({ launches }: Allocation): Record<string, number> {
  const out: Record<string, number> = {};
  for (const { offer } of launches) {
    const key = `${offer.demandClass.id}@${offer.agent}`;
    out[key] = (out[key] ?? 0) + 1;
  }
  return out;
}

/** Nobody is evicted for anybody: that is what preemption/preemption.property.test.ts is about. */
const peaceful = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  frameworks: snapshot.frameworks.map((framework) => ({ ...framework, preempts: false })),
});

/** Numbers of the frameworks that quota kept back. */
const refusedIn = ({ classes }: Snapshot, { refused }: Allocation): Set<number> =>
  new Set([...refused.keys()].map((id) => classes[id]!.framework));

/** Runs the check on random scenarios, and counts how many launched something: none would prove nothing. */
function always(runs: number, check: (snapshot: Snapshot, allocation: Allocation) => void): void {
  let launching = 0;
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      const snapshot = peaceful(buildScenario(scenario).build());
      const allocation = decide(snapshot);
      if (allocation.launches.length > 1) launching++;
      check(snapshot, allocation);
    }),
    { numRuns: runs },
  );
  expect(launching).toBeGreaterThan(runs / 8);
}

describe('in any cluster', () => {
  test('the allocator places what a slow one does that takes a task at a time', () => {
    always(2000, (snapshot, allocation) => {
      const { placed, declined, refused } = allocateSlowly(snapshot);
      expect(placedBy(allocation)).toEqual(Object.fromEntries(placed));
      expect(new Set(allocation.declined.keys())).toEqual(declined);
      expect(refusedIn(snapshot, allocation)).toEqual(refused);
    });
  }, 120_000);

  test('slots are filled in order, each once', () => {
    always(300, (snapshot, { launches }) => {
      for (const c of snapshot.classes) {
        const filled = launches.filter((l) => l.offer.demandClass === c).map((l) => l.vacancy);
        expect(filled).toEqual([...c.pending].slice(0, filled.length));
      }
    });
  });

  test('no node is over-committed, no port given twice, no unfit node taken', () => {
    always(300, (snapshot, { launches, rest: { supply } }) => {
      const R = snapshot.columns.count;
      const left = snapshot.supply.slice();
      const ports = snapshot.ports.map((p): HostPort[] => [...p.held]);
      for (const { offer, ports: given } of launches) {
        const { shape } = offer.demandClass;
        for (const name in shape.demand)
          left[offer.agent * R + snapshot.columns.get(name)!]! -= shape.demand[name]!;
        expect(snapshot.health[offer.agent]!.unfitMs).toBe(0);
        expect(given.length).toBe(shape.dynamicPorts.length);
        const own = [...given.map((port) => ({ port, protocol: 'TCPUDP', ip: '' })), ...shape.fixedPorts];
        for (const port of own) {
          expect(ports[offer.agent]!.some((other) => portsClash(other, port))).toBe(false);
          ports[offer.agent]!.push(port);
        }
      }
      expect(Math.min(0, ...left)).toBe(0);
      expect([...supply]).toEqual([...left]);
    });
  });

  test('gangs get all or nothing', () => {
    always(300, (snapshot, allocation) => {
      for (const framework of snapshot.frameworks.filter((f) => f.gang)) {
        const wanted = framework.classes.reduce((sum, c) => sum + c.pending.length, 0);
        const got = allocation.launches.filter((l) => l.offer.framework === framework.index).length;
        expect([0, wanted]).toContain(got);
        expect(allocation.declined.has(framework.index)).toBe(got < wanted);
      }
    });
  });

  test('the outcome is work conserving: what waits fits nowhere, or is told why quota keeps it out', () => {
    always(300, (snapshot, allocation) => {
      const after = launched(snapshot, allocation);
      const late = decide(after).launches.map((l) => after.frameworks[l.offer.framework]!);
      expect(late.filter(({ gang, index }) => !gang && !refusedIn(snapshot, allocation).has(index))).toEqual(
        [],
      );
    });
  });

  test('a refusal is the truth: one more task would be over the limit, or in the headroom', () => {
    let told = 0;
    always(600, (_, { refused }) => {
      for (const refusal of refused.values()) {
        told++;
        if (refusal.kind === 'limit') expect(refusal.used + refusal.needs).toBeGreaterThan(refusal.limit);
        else expect(refusal.needs).toBeGreaterThan(refusal.free - refusal.kept);
        expect(refusal.needs).toBeGreaterThan(0);
      }
    });
    expect(told).toBeGreaterThan(60);
  });

  test('no role comes to hold more than its limit', () => {
    let limited = 0;
    always(600, (snapshot, { launches }) => {
      for (const { path, limit } of snapshot.roles) {
        const below = snapshot.roles.filter((role) => isWithin(role.path, path));
        const given = launches.filter(({ offer }) =>
          isWithin(snapshot.frameworks[offer.framework]!.rolePath, path),
        );
        snapshot.columns.names.forEach((name, r) => {
          const most = limit?.[r] ?? Infinity;
          let above = 0;
          let held = 0;
          // What counts before the run: all reservations, and what lies outside of them.
          let counted = 0;
          for (const role of below) {
            held += role.held[r]!;
            counted += role.held[r]! - role.heldReserved[r]!;
            for (const { amounts } of role.reservations) counted += amounts[r]!;
          }
          for (const { offer } of given) held += offer.demandClass.shape.demand[name] ?? 0;
          if (given.length > 0 && most < Infinity) limited++;
          // What is reserved for a role above is not counted against the limits of those below it.
          for (const role of snapshot.roles.filter(
            (other) => isWithin(path, other.path) && other.path !== path,
          )) {
            for (const { amounts } of role.reservations) above += amounts[r]!;
          }
          expect(held).toBeLessThanOrEqual(Math.max(most, counted) + above);
        });
      }
    });
    expect(limited).toBeGreaterThan(60);
  });

  test('reserved room goes to nobody but the role and those below it', () => {
    let reserved = 0;
    always(600, (snapshot, { launches }) => {
      const { columns, supply } = snapshot;
      for (const { path, reservations } of snapshot.roles) {
        for (const { agent, amounts, used } of reservations) {
          reserved++;
          const strangers = launches.filter(
            ({ offer }) =>
              offer.agent === agent && !isWithin(snapshot.frameworks[offer.framework]!.rolePath, path),
          );
          columns.names.forEach((name, r) => {
            const taken = strangers.reduce(
              (sum, { offer }) => sum + (offer.demandClass.shape.demand[name] ?? 0),
              0,
            );
            const open = supply[agent * columns.count + r]! - (amounts[r]! - used[r]!);
            expect(taken).toBeLessThanOrEqual(Math.max(0, open));
          });
        }
      }
    });
    expect(reserved).toBeGreaterThan(100);
  });

  test('the order of the inputs does not matter, nor how often it is asked', () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const inputs = buildScenario(scenario).inputs();
        const turned = {
          ...inputs,
          agents: [...inputs.agents].reverse(),
          pods: [...inputs.pods].reverse(),
          workloads: [...inputs.workloads].reverse(),
          roles: [...inputs.roles].reverse(),
        };
        const names = ({ launches, offers }: Allocation) => [
          launches.map((l) => [l.vacancy.name, l.offer.agent, l.ports]),
          offers.map((o) => [o.offer.id, o.offer.agent, o.offer.tasks, o.answer, o.reason]),
        ];
        expect(names(decide(buildSnapshot(turned, DRIVERS)))).toEqual(
          names(decide(buildSnapshot(inputs, DRIVERS))),
        );
      }),
      { numRuns: 200 },
    );
  });
});

/** The snapshot after the launches: less supply and ports, and fewer slots to fill. */
function launched(snapshot: Snapshot, { launches, rest: { supply } }: Allocation): Snapshot {
  const ports = snapshot.ports.map((p) => p.clone());
  const filled = new Map<number, number>();
  for (const { offer, ports: given } of launches) {
    const { id, shape } = offer.demandClass;
    filled.set(id, (filled.get(id) ?? 0) + 1);
    for (const port of [...shape.fixedPorts, ...given.map((port) => ({ port, protocol: 'TCPUDP', ip: '' }))])
      ports[offer.agent]!.take(port);
  }
  const classes = snapshot.classes.map((c) => ({
    ...c,
    pending: [...c.pending].slice(filled.get(c.id) ?? 0),
  }));
  const frameworks = snapshot.frameworks.map((f) => ({
    ...f,
    classes: f.classes.map((c) => classes[c.id]!),
  }));
  return { ...snapshot, supply, ports, classes, frameworks };
}

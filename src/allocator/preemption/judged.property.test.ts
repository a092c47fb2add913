import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  aClaim,
  aNode,
  aPod,
  app,
  aSnapshot,
  aVolume,
  HOST,
  required,
  term,
  type PodBuilder,
} from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { decide } from '../decide.test-helper.ts';

const anyKey = fc.constantFrom(HOST, 'zone');
const anyApp = fc.constantFrom('a', 'b');
const anyRule = fc.oneof(
  fc.record({ kind: fc.constant('apart' as const), key: anyKey, app: anyApp }),
  fc.record({ kind: fc.constant('beside' as const), key: anyKey, app: anyApp }),
  fc.record({ kind: fc.constant('spread' as const), key: anyKey, app: anyApp }),
  fc.record({ kind: fc.constant('none' as const), key: anyKey, app: anyApp }),
);
const anyPod = {
  app: anyApp,
  cpu: fc.constantFrom(1, 1, 2),
  port: fc.constantFrom(0, 0, 0, 7777),
  claim: fc.constantFrom(false, false, false, true),
  rule: anyRule,
};
const MIDDLE = 5;
const anyWorld = fc.record({
  nodes: fc.array(fc.record({ cpu: fc.integer({ min: 1, max: 4 }), zone: fc.constantFrom('x', 'y') }), {
    minLength: 1,
    maxLength: 3,
  }),
  running: fc.array(
    fc.record({ ...anyPod, node: fc.nat(2), priority: fc.constantFrom(0, 0, 1, 2, MIDDLE) }),
    { maxLength: 7 },
  ),
  comes: fc.record(anyPod),
});
type World = typeof anyWorld extends fc.Arbitrary<infer T> ? T : never;

function built(
  name: string,
  { app: of, cpu, port, claim, rule }: World['comes'],
  priority: number,
): PodBuilder {
  const pod = aPod(name).namespace('default').customer().label('app', of).cpu(`${cpu}`);
  pod.specField('priority', priority);
  if (port > 0) pod.fixedPort(port);
  if (claim) pod.claims('alone');
  if (rule.kind === 'apart')
    pod.specField('affinity', { podAntiAffinity: required(term(rule.key, rule.app)) });
  if (rule.kind === 'beside') pod.specField('affinity', { podAffinity: required(term(rule.key, rule.app)) });
  if (rule.kind === 'spread') {
    const { key } = rule;
    const own = {
      maxSkew: 1,
      topologyKey: key,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: app(rule.app),
    };
    pod.specField('topologySpreadConstraints', [own]);
  }
  return pod;
}

/** The world without some of those who run, as the API server would hold it. */
function without({ nodes, running, comes }: World, gone: ReadonlySet<string>): Snapshot {
  const builder = aSnapshot().storage({
    claims: [aClaim('alone', { boundTo: 'v', modes: ['ReadWriteOncePod'] })],
    volumes: [aVolume('v')],
  });
  nodes.forEach(({ cpu, zone }, i) =>
    builder.with(aNode(`n${i}`).cpu(`${cpu}`).label(HOST, `n${i}`).label('zone', zone)),
  );
  running.forEach((each, i) => {
    if (!gone.has(`r${i}`))
      builder.with(
        built(`r${i}`, each, each.priority)
          .on(`n${each.node % nodes.length}`)
          .ready(),
      );
  });
  return builder.with(built('comes', comes, MIDDLE)).build();
}

/** Whether the Pod that comes may go to an agent when those are gone. */
function fits(world: World, agent: number, gone: readonly string[]): boolean {
  const snapshot = without(world, new Set(gone));
  return buildMatrices(snapshot, snapshot.classes).a[agent]! > 0;
}

/** All sets of those on an agent who have less priority. */
function setsOn({ nodes, running }: World, agent: number): string[][] {
  return running.reduce<string[][]>(
    (sets, { node, priority }, i) =>
      node % nodes.length === agent && priority < MIDDLE
        ? [...sets, ...sets.map((set) => [...set, `r${i}`])]
        : sets,
    [[]],
  );
}

test('a Pod has others evicted exactly when that lets it come, and no one of them could stay', () => {
  let evicting = 0;
  fc.assert(
    fc.property(anyWorld, (world) => {
      const snapshot = without(world, new Set());
      const { evictions, nominations, launches } = decide(snapshot);
      const gone = evictions.map(({ pod }) => pod.name);
      const agents = [...snapshot.agents.keys()];
      if (agents.some((agent) => fits(world, agent, []))) {
        expect([gone, launches.length]).toEqual([[], 1]);
        return;
      }
      // Of those whom it has to be near the cheapest go first: another set may have done, and is not looked for.
      if (gone.length === 0 && world.comes.rule.kind === 'beside') return;
      const helps = agents.some((agent) => setsOn(world, agent).some((set) => fits(world, agent, set)));
      expect(gone.length > 0).toBe(helps);
      if (!helps) return;
      evicting++;
      const { agent } = nominations[0]!;
      expect(setsOn(world, agent).map((set) => set.join())).toContain(gone.toSorted().join());
      expect(fits(world, agent, gone)).toBe(true);
      for (const stays of gone)
        expect(
          fits(
            world,
            agent,
            gone.filter((name) => name !== stays),
          ),
        ).toBe(false);
    }),
    { numRuns: 200 },
  );
  expect(evicting).toBeGreaterThan(20);
}, 120_000);

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, HOST, preferred, term } from '../../../test/builders/index.ts';
import type { Matrices } from '../../matrix/matrices.ts';
import { scoreNodes } from '../../matrix/node-scores.ts';
import { blend } from '../../matrix/cells/wishes.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { ZONE } from '../../snapshot/pod-rules.ts';
import { keyOf, ZONE_CROWD } from '../room/agent-key.ts';
import { roomOf } from './orders.test-helper.ts';
import type { Room } from '../room/room.ts';
import { RuledOrder } from './ruled-order.ts';

/** The agent that row 0 takes next by the definition: all are scored anew, and the best with room is taken. */
function plainNext(
  snapshot: Snapshot,
  { n, c, allowed, demand, classes }: Matrices,
  room: Room,
  crowd: readonly number[],
  skipped: ReadonlySet<number>,
): number | undefined {
  const mayGo = allowed.subarray(0, n);
  const scores = scoreNodes(snapshot, demand, 0, classes[0]!, mayGo);
  const wishes = [...scores.wishes, ...room.rules!.wishesOf(0, mayGo).byAgent()];
  const zoneOf = (i: number) => snapshot.agents[i]!.labels[ZONE];
  const inZone = (i: number) =>
    crowd.reduce((sum, tasks, j) => sum + (zoneOf(j) === zoneOf(i) ? tasks : 0), 0);
  const key = (i: number) =>
    keyOf(crowd[i]!, c[i]!, blend(scores.full[i]!, wishes, i)) + inZone(i) * ZONE_CROWD;
  const open = [...snapshot.agents.keys()].filter(
    (i) => mayGo[i] === 1 && c[i]! < 1 && !skipped.has(i) && room.fit(i, 0) > 0,
  );
  return open.sort((a, b) => key(a) - key(b) || a - b)[0];
}

const label = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined, freq: 5 });
const node = fc.record({
  zone: label,
  rack: label,
  cpu: fc.constantFrom('2', '4', '8'),
  tainted: fc.boolean(),
});
const topologyKey = fc.constantFrom('zone', 'rack', HOST);
const wish = fc.record({
  kind: fc.constantFrom('podAffinity', 'podAntiAffinity'),
  weight: fc.integer({ min: 1, max: 100 }),
  topologyKey,
  name: fc.constantFrom('p', 'web'),
});
const pool = fc.record({
  soft: fc.array(fc.tuple(topologyKey, fc.integer({ min: 1, max: 3 })), { maxLength: 2 }),
  hard: fc.option(topologyKey, { nil: undefined, freq: 2 }),
  wishes: fc.array(wish, { maxLength: 2 }),
  distributed: fc.boolean(),
});
const steps = fc.array(fc.constantFrom('take', 'take', 'take', 'skip'), { maxLength: 25 });

test('an order that keeps what it knows takes the same agents as one that looks at everything each time', () => {
  const standing = fc.array(fc.tuple(fc.nat(7), fc.constantFrom('p', 'web')), { maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 8 }),
      pool,
      standing,
      steps,
      (nodes, shape, pods, play) => {
        const builder = aSnapshot();
        nodes.forEach(({ zone, rack, cpu, tainted }, i) => {
          const made = aNode(`n${i}`).cpu(cpu).memory('16Gi');
          if (zone !== undefined) made.label('zone', zone).label(ZONE, zone);
          if (rack !== undefined) made.label('rack', rack);
          builder.with(tainted ? made.taint('old', 'PreferNoSchedule') : made);
        });
        pods.forEach(([at, name], i) => {
          const pod = aPod(`s${i}`).namespace('games').label('app', name).cpu('500m');
          builder.with(pod.on(`n${at % nodes.length}`));
        });
        const spread = (whenUnsatisfiable: string, maxSkew: number, key: string) => ({
          ...term(key, 'p'),
          maxSkew,
          whenUnsatisfiable,
        });
        const of = (kind: string) => {
          const terms = shape.wishes.filter((each) => each.kind === kind);
          return terms.length === 0
            ? {}
            : { [kind]: preferred(...terms.map((t) => [t.weight, term(t.topologyKey, t.name)] as const)) };
        };
        const made = aPool('p').podLabel('app', 'p').cpu('1').memory('1Gi').replicas(30);
        made.specField('affinity', { ...of('podAffinity'), ...of('podAntiAffinity') });
        made.specField('topologySpreadConstraints', [
          ...shape.soft.map(([key, maxSkew]) => spread('ScheduleAnyway', maxSkew, key)),
          ...(shape.hard === undefined ? [] : [spread('DoNotSchedule', 1, shape.hard)]),
        ]);
        const cluster = roomOf(builder.with(shape.distributed ? made.distributed() : made));
        const { snapshot, matrices, room } = cluster;
        if (!room.rules) return;

        const order = new RuledOrder(snapshot, matrices, 0, room);
        const crowd = snapshot.agents.map(() => 0);
        const skipped = new Set<number>();
        for (const step of play) {
          const next = order.next(30);
          expect(next?.agent).toBe(plainNext(snapshot, matrices, room, crowd, skipped));
          if (next === undefined) break;
          if (step === 'skip') {
            skipped.add(next.agent);
            order.skip();
            continue;
          }
          room.take(next.agent, 0, next.tasks);
          order.took(next.agent);
          if (shape.distributed) crowd[next.agent]!++;
        }
      },
    ),
    { numRuns: 300 },
  );
});

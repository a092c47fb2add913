import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { atOnce } from '../lib/steps.ts';
import { exclusionOf } from '../snapshot/constraints.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { World } from '../world/world.ts';
import { fitByPorts, fitByResources } from './cells/capacity.ts';
import { freeFor } from './kept-room.ts';
import { KeptRows } from './kept-rows.ts';
import { buildMatrices, buildMatricesInSteps, type Matrices } from './matrices.ts';

const NODES = 4;
const anyNode = fc.record({
  cpu: fc.constantFrom('2', '4', '4'),
  zone: fc.constantFrom('x', 'y', 'y'),
  taint: fc.constantFrom('none', 'none', 'NoSchedule', 'PreferNoSchedule'),
  device: fc.constantFrom(false, false, false, true),
});
const anyPod = fc.record({
  node: fc.nat({ max: 1 }),
  cpu: fc.constantFrom('500m', '3'),
  port: fc.constantFrom(undefined, 7000, 7001),
});
/** Something that happens between two cycles; what is undefined goes. */
const anyChange = fc.oneof(
  fc.record({
    kind: fc.constant('node'),
    i: fc.nat({ max: NODES - 1 }),
    node: fc.option(anyNode, { nil: undefined, freq: 6 }),
  }),
  fc.record({ kind: fc.constant('pod'), i: fc.nat({ max: 2 }), pod: fc.option(anyPod, { nil: undefined }) }),
  fc.record({ kind: fc.constant('reserve'), cpu: fc.constantFrom(undefined, undefined, '1', '2') }),
  fc.record({ kind: fc.constant('pools'), which: fc.nat({ max: 63 }) }),
  fc.record({ kind: fc.constant('nothing') }),
);
type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;

const pools = [
  aPool('a').cpu('1').port('game', 1),
  aPool('b').cpu('1').port('game', 1).nodeSelector('zone', 'x'),
  aPool('c').cpu('1').port('game', 1).distributed(),
  aPool('d').cpu('500m').fixedPort(7000).role('elite'),
  aPool('f').cpu('1').port('game', 1).role('elite'),
  aPool('e').cpu('1').request('example.com/gpu', '1'),
];

/** A cluster whose objects stay the same ones until they change, as those of a store do. */
class Scene {
  readonly #world = new World(DRIVERS);
  readonly #nodes = new Map<number, ReturnType<typeof facts>['agents']>();
  #reserved: string | undefined;
  #pools = 63;

  constructor() {
    for (let i = 0; i < NODES; i++)
      this.change({ kind: 'node', i, node: { cpu: '4', zone: 'x', taint: 'none', device: false } });
  }

  change(change: Change): void {
    if ('node' in change) {
      const { i, node } = change;
      if (!node) return void this.#nodes.delete(i);
      const made = aNode(`n${i}`).cpu(node.cpu).label('zone', node.zone);
      if (node.taint === 'NoSchedule') made.taint('t');
      if (node.taint === 'PreferNoSchedule') made.taint('t', 'PreferNoSchedule');
      if (node.device) made.resource('example.com/gpu', '2');
      this.#nodes.set(i, facts(made).agents);
    }
    if ('pod' in change) {
      const { i, pod } = change;
      if (!pod) return this.#world.ledger.delete(`default/p${i}`);
      const made = aPod(`p${i}`).namespace('default').on(`n${pod.node}`).cpu(pod.cpu);
      if (pod.port !== undefined) made.fixedPort(pod.port);
      for (const each of facts(made).pods) this.#world.ledger.put(each);
    }
    if ('cpu' in change) this.#reserved = change.cpu;
    if ('which' in change) this.#pools = change.which;
  }

  snapshot(): Snapshot {
    const reserve = (role: string, cpu: string) => aRole(role).reserve('zone', 'x', { cpu });
    const role = this.#reserved ? [reserve('elite', this.#reserved), reserve('best', '500m')] : [];
    const around = facts(...role, ...pools.filter((_, p) => (this.#pools >> p) & 1));
    return atOnce(
      this.#world.snapshot({ ...around, agents: [...this.#nodes.values()].flatMap((a) => [...a]) }),
    );
  }
}

const facts = (...objects: Buildable[]) =>
  aSnapshot()
    .with(...objects)
    .hostPorts(7000, 7002)
    .inputs();

const cells = ({ a, b, c, allowed, demand }: Matrices) => ({ a, b, c, allowed, demand });

/** A and what is allowed, cell by cell and by the words of their docs. */
function plainly(snapshot: Snapshot, { demand, n, classes }: Matrices) {
  const { agents, ports, columns, frameworks } = snapshot;
  const a = new Int32Array(classes.length * n);
  const allowed = new Uint8Array(a.length);
  classes.forEach((each, j) => {
    const free = freeFor(frameworks[each.framework]!.rolePath, snapshot);
    agents.forEach((agent, i) => {
      if (exclusionOf(each.shape.constraints, agent) !== undefined) return;
      allowed[j * n + i] = 1;
      a[j * n + i] = Math.min(fitByResources(free, demand, i, j, columns.count), fitByPorts(each, ports[i]!));
    });
  });
  return { a, allowed };
}

test('rows that are kept over any changes are those that are made anew', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyChange, { maxLength: 2 }), { maxLength: 12 }), (cycles) => {
      const scene = new Scene();
      const kept = new KeptRows();
      for (const changes of cycles) {
        for (const change of changes) scene.change(change);
        const snapshot = scene.snapshot();
        const found = atOnce(buildMatricesInSteps(snapshot, snapshot.classes, kept));
        expect(cells(found)).toEqual(cells(buildMatrices(snapshot, snapshot.classes)));
        expect(found).toMatchObject(plainly(snapshot, found));
      }
    }),
    { numRuns: 300 },
  );
});

test('room that is taken in the picture alone, of no Pod that changed, is not there any more', () => {
  const snapshot = new Scene().snapshot();
  const kept = new KeptRows();
  const found = (of: Snapshot) => cells(atOnce(buildMatricesInSteps(of, of.classes, kept)));
  const before = found(snapshot);
  const grown = {
    ...snapshot,
    supply: snapshot.supply.map((amount, i) => (i === 0 ? amount - 3000 : amount)),
  };
  const after = found(grown);
  expect(after).toEqual(cells(buildMatrices(grown, grown.classes)));
  expect(after.a).not.toEqual(before.a);
});

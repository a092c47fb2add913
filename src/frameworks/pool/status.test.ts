import { expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aSnapshot,
  NOW,
  type Buildable,
  type PoolBuilder,
} from '../../../test/builders/index.ts';
import { poolFacts } from './facts.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import { poolStatus } from './status.ts';

const node = aNode('n1').cpu('2');
const arena = (replicas = 2) => aPool('arena').replicas(replicas).cpu('1');
const server = (slot: number) => aPod(`arena-${slot}`).ofPool(arena(), slot).on('n1').cpu('1');
const played = (slot: number) => server(slot).session('Allocated').ready();

function statusOf(pool: PoolBuilder, others: Buildable[], refused = false, now = NOW) {
  const builder = aSnapshot().with(pool, ...others);
  if (refused) builder.hold('gsp/games/arena', { reason: 'PodRefused', message: 'exceeded quota' });
  return poolStatus(poolFacts(pool.build()), cycle(builder).all[0]!, 7, now);
}

const ok = 'AsExpected';
const starting = ['True AsExpected', 'False Starting'];
test.each<
  [message: string, placedAndReady: string[], pool: PoolBuilder, others: Buildable[], refused?: boolean]
>([
  ['0 of 2 servers ready, 2 starting', starting, arena(), [node]],
  ['1 of 2 servers ready, 1 starting', starting, arena(), [node, server(0).ready(), server(1)]],
  [
    '1 of 2 servers ready, 1 starting (arena-1: container main: ImagePullBackOff: Back-off pulling image "x")',
    ['True AsExpected', 'False CannotStart'],
    arena(),
    [node, server(0).ready(), server(1).stuck('ImagePullBackOff', 'Back-off pulling image "x"')],
  ],
  [
    '0 of 2 servers ready, 2 starting',
    starting,
    arena(),
    [node, server(0).stuck('ContainerCreating'), server(1).stuck('PodInitializing')],
  ],
  ['2 servers ready', [`True ${ok}`, `True ${ok}`], arena(), [node, server(0).ready(), server(1).ready()]],
  ['1 server ready', [`True ${ok}`, `True ${ok}`], arena(1), [node, server(0).ready()]],
  ['0 servers ready', [`True ${ok}`, `True ${ok}`], arena(0), [node]],
  [
    '2 servers ready, 1 kept for their players',
    [`True ${ok}`, `True ${ok}`],
    arena(1),
    [node, played(0), played(1)],
  ],
  [
    '1 of 3 servers waiting, 2 starting: 0 of 1 nodes can take it: 1 had insufficient cpu; needs 1 cpu, most free is 0 on n1',
    ['False InsufficientResources', 'False InsufficientResources'],
    arena(3),
    [node],
  ],
  ['2 of 2 servers waiting: exceeded quota', ['False PodRefused', 'False PodRefused'], arena(), [node], true],
  [
    '1 server backing off after failures: arena-1 crashed (exit 1) on n1; next try at 2026-01-01T12:00:07Z',
    ['False BackOff', 'False BackOff'],
    arena(),
    [node, server(0).ready(), server(1).failures(4).exited(1, 1)],
  ],
  [
    '0 of 1 server ready, 1 starting; avoids node n1 until 2026-01-01T12:00:28Z: it refused 1 Pod of this class (OutOfcpu)',
    starting,
    arena(1),
    [node, server(0).created(2).failed('OutOfcpu')],
  ],
])('%s', (message, [placed, ready], pool, others, refused) => {
  const status = statusOf(pool, others, refused);
  expect(status.message).toBe(message);
  expect(told(status.conditions).slice(0, 3)).toEqual([
    `Supported=True ${ok}`,
    `Placed=${placed}`,
    `Ready=${ready}`,
  ]);
});

test('a server with players on a lost node is neither ready nor starting', () => {
  const builder = aSnapshot().with(arena(), node, aNode('n2'), server(0).ready(), played(1).on('n2'));
  builder.health('n2', { unfitMs: 60_000, cause: 'no heartbeat' });
  const status = poolStatus(poolFacts(arena().build()), cycle(builder).all[0]!, 0, NOW);
  expect(status).toMatchObject({
    readyReplicas: 1,
    replicas: 2,
    message: '1 of 2 servers ready, 1 on a lost node, kept for players',
  });
  expect(told(status.conditions)).toContain('Ready=False NodeLost');
});

test('a pool counts what is placed, ready and pending', () => {
  const pods = [server(0).ready(), server(3).failures(4).exited(1, 1)];
  expect(statusOf(arena(4), [node, ...pods])).toMatchObject({
    observedGeneration: 1,
    replicas: 2,
    readyReplicas: 1,
    pendingReplicas: 2,
    recovered: 7,
    selector: 'proffer.dev/pool=arena',
  });
});

test('servers that the API server does not take wait, those that it took do not', () => {
  const pods = [server(0).ready(), server(1).starting(), server(2).launched(), server(3).launched()];
  const hold = { reason: 'PodRefused', message: 'a webhook is dead', holdsLaunched: true } as const;
  const builder = aSnapshot()
    .with(arena(5), aNode('n1').cpu('8'), ...pods)
    .hold('gsp/games/arena', hold);
  const status = poolStatus(poolFacts(arena(5).build()), cycle(builder).all[0]!, 0, NOW);
  expect(status).toMatchObject({
    replicas: 2,
    readyReplicas: 1,
    pendingReplicas: 3,
    message: '3 of 5 servers waiting, 1 starting: a webhook is dead',
  });
  expect(told(status.conditions)).toContain('Placed=False PodRefused');
});

test('a pool whose template is full of fields that are not honoured names the first, and no message is long', () => {
  const odd = Array.from({ length: 2000 }, (_, i) => i).reduce(
    (pool, i) => pool.specField(`odd${i}`, 1),
    arena(),
  );
  expect(statusOf(odd, [node]).message).toMatch(
    /^not supported, remove it: (template\.spec\.odd\d+, ){7}template\.spec\.odd\d+ and 1992 more$/,
  );
  const long = statusOf(arena().specField('o'.repeat(5000), 1), [node]);
  const messages = [long.message, ...long.conditions!.map(({ message }) => message)];
  expect(messages.every((message) => message!.length <= 1024)).toBe(true);
});

test('a pool names the field that is not honoured', () => {
  const status = statusOf(arena().specField('resourceClaims', [{ name: 'gpu' }]), [node]);
  expect(status.message).toBe('not supported, remove it: template.spec.resourceClaims');
  expect(told(status.conditions).slice(0, 3)).toEqual([
    'Supported=False UnsupportedField',
    'Placed=False UnsupportedField',
    'Ready=False UnsupportedField',
  ]);
});

test('nothing is written when nothing changed; a condition keeps its time until its status changes', () => {
  const first = statusOf(arena(), [node]);
  const known = arena().status(first);
  expect(statusOf(known, [node], false, NOW + 60_000)).toEqual(first);
  const later = statusOf(known, [node, server(0).ready(), server(1).ready()], false, NOW + 60_000);
  expect(later.conditions!.slice(0, 3).map((c) => [c.type, c.lastTransitionTime])).toEqual([
    ['Supported', '2026-01-01T12:00:00Z'],
    ['Placed', '2026-01-01T12:00:00Z'],
    ['Ready', '2026-01-01T12:01:00Z'],
  ]);
});

test('conditions of others stay where they are', () => {
  const theirs = {
    type: 'Audited',
    status: 'True',
    reason: 'Yes',
    message: '',
    lastTransitionTime: 'x',
  } as const;
  const first = statusOf(arena().status({ conditions: [theirs] }), [node]);
  expect(first.conditions![0]).toEqual(theirs);
  expect(statusOf(arena().status(first), [node])).toEqual(first);
});

import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { renderWith } from '../../chart/helm.ts';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { poolManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;

const start = async () => {
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'servers' });
};

beforeAll(async () => {
  const fakeNode = { cpu: '4', pods: '110' };
  arena = await Arena.start({ name: 'it-op-servers', fakeNodes: 2, kwok: true, fakeNode });
  await start();
});

afterEach(() => arena?.clear());

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const kubectl = (...args: readonly string[]) => arena.cluster.kubectl(...args);
const said = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => String(error),
  );
const label = (pod: string, ...words: readonly string[]) =>
  kubectl('label', 'pod', pod, '--overwrite', ...words);
const annotate = (pod: string, ...words: readonly string[]) =>
  kubectl('annotate', 'pod', pod, '--overwrite', ...words);
const names = async (pool: string) => (await arena.servers(pool)).map(({ metadata }) => metadata.name).sort();

/** The main container of a server ends, as its kubelet would tell it. */
const crash = (pod: string) => {
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const terminated = { exitCode: 139, reason: 'Error', startedAt: at, finishedAt: at };
  const containerStatuses = [
    { name: 'server', image: 'x', imageID: '', ready: false, restartCount: 0, state: { terminated } },
  ];
  const patch = JSON.stringify({ status: { phase: 'Failed', containerStatuses } });
  return kubectl('patch', 'pod', pod, '--subresource=status', '--type=merge', '-p', patch);
};

test('a server tells from its birth where its node is, and what of it is known is summed up', async () => {
  onTestFailed(() => console.log(operator.tail(10)));
  await arena.apply(poolManifest({ name: 'seen', replicas: 2 }));
  const [one, two] = await arena.ready('seen', 2);
  expect(one!.metadata.annotations?.['proffer.dev/addresses']).toMatch(/^Hostname=fake-0000\d$/);
  await label(one!.metadata.name, 'proffer.dev/state=Allocated', 'proffer.dev/session=match-7');
  await annotate(one!.metadata.name, 'proffer.dev/counter.players=12/16');
  await annotate(two!.metadata.name, 'proffer.dev/counter.players=3/16');
  await until('the sums', async () => {
    const { allocatedReplicas, freeReplicas, updatedReplicas, players, playerCapacity } =
      await arena.poolStatus('seen');
    return (
      [allocatedReplicas, freeReplicas, updatedReplicas, players, playerCapacity].join() === '1,1,2,15,32'
    );
  });
  await expect
    .poll(() => kubectl('get', 'gsp', 'seen'))
    .toMatch(/\nseen +2 +2 +1 +15 +2 +0 +2 servers ready +\S+\n/);
});

describe('what is meant to become of a server', () => {
  test('is done: drain when nobody holds it, kill at once, and maintenance keeps it', async () => {
    onTestFailed(() => console.log(operator.tail(10)));
    await arena.apply(poolManifest({ name: 'meant', replicas: 3 }));
    await arena.ready('meant', 3);
    await label('meant-0', 'proffer.dev/state=Allocated');
    await label('meant-0', 'proffer.dev/intent=Drain');
    await label('meant-1', 'proffer.dev/intent=Maintenance');
    await label('meant-2', 'proffer.dev/intent=Drain');
    await until('the third one is replaced', async () => (await names('meant')).includes('meant-2-r1'));
    await expect.poll(async () => (await names('meant')).slice(0, 2)).toEqual(['meant-0', 'meant-1']);
    await until(
      'the sentence',
      async () => (await arena.poolStatus('meant')).message === '2 of 3 servers ready, 1 in maintenance',
    );
    await arena.scale('meant', 2);
    await until('the free one is gone', async () => (await names('meant')).join() === 'meant-0,meant-1');
    await label('meant-0', 'proffer.dev/intent=Kill');
    await until(
      'the held one is replaced',
      async () => (await names('meant')).join() === 'meant-0-r1,meant-1',
    );
    const notes = async () => {
      const events = await arena.events('GameServerPool', 'meant');
      const told = events.filter(({ reason }) => reason === 'Drained' || reason === 'Killed');
      return told.map(({ note }) => note).sort();
    };
    await expect
      .poll(notes)
      .toEqual([
        'server meant-0 is deleted: its label proffer.dev/intent says Kill',
        'server meant-2 is deleted: its label proffer.dev/intent says Drain, and nobody holds it',
      ]);
  });

  test('says who goes first when the pool shrinks', async () => {
    await arena.apply(poolManifest({ name: 'ranked', replicas: 3 }));
    await arena.ready('ranked', 3);
    await annotate('ranked-0', 'proffer.dev/deletion-priority=10');
    await annotate('ranked-2', 'proffer.dev/deletion-priority=-10');
    await arena.scale('ranked', 1);
    await until('one is left', async () => (await names('ranked')).join() === 'ranked-2');
  });
});

test('a crash budget is spent, survives the operator, and is over when the spec allows more', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  const pool = (limit: number) =>
    poolManifest({ name: 'frail', replicas: 2, spec: { crashBudget: { limit, windowSeconds: 600 } } });
  await arena.apply(pool(2));
  await arena.ready('frail', 2);
  await crash('frail-0');
  await until('the first is replaced', async () => (await names('frail')).includes('frail-0-r1'));
  await until('and cleared away, counted', async () => !(await names('frail')).includes('frail-0'));
  await expect.poll(async () => (await arena.poolStatus('frail')).crashes).toHaveLength(1);
  await crash('frail-1');
  const spent = async () => {
    const { conditions = [], message = '' } = await arena.poolStatus('frail');
    return conditions.some(({ reason }) => reason === 'CrashBudgetSpent') ? message : undefined;
  };
  await expect
    .poll(spent)
    .toMatch(
      /^1 of 2 servers waiting.*: the crash budget is spent: 2 servers crashed within 600 s, the last one: frail-1 crashed .*; none is created until \S+Z$/,
    );
  await until('an event', async () =>
    (await arena.events('GameServerPool', 'frail')).some(({ reason }) => reason === 'CrashBudgetSpent'),
  );

  // Whoever starts anew knows of it by the status alone.
  await operator.kill();
  await kubectl('delete', 'pod', 'frail-1', '--force', '--grace-period=0');
  await start();
  await arena.scale('frail', 3);
  await until('nothing is created', async () => (await spent())?.startsWith('2 of 3 servers waiting'));
  await expect.poll(() => names('frail')).toEqual(['frail-0-r1']);

  await arena.apply({ ...pool(5), spec: { ...(pool(5)['spec'] as Manifest), replicas: 3 } });
  await arena.ready('frail', 3);
});

test('the policy of the chart refuses words that mean nothing, and nothing that stands there', async () => {
  await arena.apply(poolManifest({ name: 'ruled', replicas: 2 }));
  await arena.ready('ruled', 2);
  await label('ruled-1', 'proffer.dev/state=allocated', 'proffer.dev/intent=stop');
  await annotate('ruled-1', 'proffer.dev/deletion-priority=high');
  const chart = await renderWith({});
  await arena.apply(
    ...(chart.filter(
      ({ kind, metadata }) =>
        kind.startsWith('ValidatingAdmissionPolicy') && metadata.name === 'proffer-servers',
    ) as unknown as Manifest[]),
  );
  await until('the policy is in force', async () =>
    (await said(label('ruled-0', 'proffer.dev/state=Busy', '--dry-run=server'))).includes('denied'),
  );
  expect(await said(label('ruled-0', 'proffer.dev/state=Busy'))).toContain(
    'the label proffer.dev/state must be Allocated or Reserved, not "Busy": take it off when nobody holds the server',
  );
  expect(await said(label('ruled-0', 'proffer.dev/intent=kill'))).toContain(
    'the label proffer.dev/intent must be Maintenance, Drain or Kill, not "kill": take it off when nothing is to become of the server',
  );
  for (const wrong of ['high', '1.5', '', '1000000000', '+1'])
    expect(await said(annotate('ruled-0', `proffer.dev/deletion-priority=${wrong}`))).toContain(
      `the annotation proffer.dev/deletion-priority must be a whole number of at most nine digits, such as 10 or -10, not "${wrong}"`,
    );
  await annotate('ruled-0', 'proffer.dev/deletion-priority=-10');
  await label('ruled-0', 'proffer.dev/state=Reserved', 'proffer.dev/intent=Maintenance', 'other=x');
  await label('ruled-0', 'proffer.dev/state-', 'proffer.dev/intent-');
  // What was written before the policy came is nobody's fault who writes something else.
  await label('ruled-1', 'other=x');
  await annotate('ruled-1', 'proffer.dev/deletion-priority-');
  await arena.scale('ruled', 0);
  await until(
    'what means nothing protects all the same',
    async () => (await names('ruled')).join() === 'ruled-1',
  );
  await kubectl('run', 'stranger', '--image=none', '--labels=proffer.dev/state=Busy');
  await kubectl('delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', 'proffer-servers');
  await kubectl('delete', 'pod', 'stranger', '--force', '--grace-period=0');
});

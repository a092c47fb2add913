import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { GameServerPoolStatus } from '../../../src/api/gameserverpool.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PodLog, type LoggedPod } from '../../support/pod-log.ts';
import { seeded } from '../../support/seeded.ts';
import { until } from '../../support/until.ts';
import { poolManifest, type Manifest } from '../../support/workloads.ts';
import { proffer } from '../cli/run.ts';

const STATE = 'proffer.dev/state';
const REVISION = 'proffer.dev/revision';

interface Shown {
  readonly metadata: { readonly generation: number };
  readonly status?: GameServerPoolStatus;
}

let arena: Arena;
let operator: OperatorProcess;
let log: PodLog;
let client: KubeClient;

beforeAll(async () => {
  const fakeNode = { cpu: '4', pods: '110' };
  arena = await Arena.start({ name: 'it-op-updates', fakeNodes: 3, kwok: true, fakeNode });
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'updates' });
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  client = KubeClient.load({ kubeconfig: arena.cluster.kubeconfigPath });
});

afterEach(() => arena?.clear());

afterAll(async () => {
  await client?.close();
  await log?.stop();
  await operator?.kill();
  await arena?.down();
});

/** A pool whose template differs by its version. */
const pool = (name: string, replicas: number, version: string, spec: Manifest = {}, podSpec: Manifest = {}) =>
  poolManifest({
    name,
    replicas,
    podSpec,
    container: { env: [{ name: 'VERSION', value: version }] },
    spec: { ports: [{ name: 'game', containerPort: 8303 }], ...spec },
  });

const label = (pod: string, state: string | null) =>
  client
    .request({
      method: 'PATCH',
      path: `/api/v1/namespaces/default/pods/${pod}`,
      body: { metadata: { labels: { [STATE]: state } } },
    })
    .catch(() => undefined);

const serversIn = (name: string): LoggedPod[] =>
  [...log.pods().values()].filter((pod) => pod.pool === name && !pod.deleting);

const condition = async (name: string, type: string): Promise<string> => {
  const { conditions = [] } = await arena.poolStatus(name);
  const found = conditions.find((each) => each.type === type);
  return `${found?.status} ${found?.reason}`;
};

/** Waits until the status speaks of the spec of now, and says that all is done that can be. */
const done = (name: string) =>
  until(`${name} to be updated`, async () => {
    const path = `/apis/proffer.dev/v1alpha1/namespaces/default/gameserverpools/${name}`;
    const { metadata, status } = await client.request<Shown>({ method: 'GET', path });
    if (status?.observedGeneration !== metadata.generation) return false;
    return status.conditions?.some(
      ({ type, reason }) => type === 'Progressing' && reason === 'RevisionAvailable',
    );
  });

describe('a rolling update', () => {
  test('of a pool with players who come and go never leaves too few servers, and touches none that they hold', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    const REPLICAS = 40;
    const UNAVAILABLE = 2;
    const update = { maxSurge: 3, maxUnavailable: UNAVAILABLE };
    await arena.apply(pool('rolls', REPLICAS, '1', { update }));
    const before = await arena.ready('rolls', REPLICAS);
    const old = before[0]!.metadata.labels[REVISION]!;
    await Promise.all(before.slice(0, 16).map(({ metadata: { name } }) => label(name, 'Allocated')));
    await log.caughtUp();
    const from = log.events.length;

    await arena.apply(pool('rolls', REPLICAS, '2', { update }));
    const random = seeded(5);
    const isOld = (pod: LoggedPod) => pod.labels[REVISION] === old;
    // Players leave servers and get others, which are still there or are not, until no free server is old.
    await until(
      'only held servers to be old',
      async () => {
        await log.caughtUp();
        const servers = serversIn('rolls');
        const held = servers.filter((pod) => pod.labels[STATE]);
        const free = servers.filter((pod) => pod.ready && !pod.labels[STATE]);
        if (!free.some(isOld) && servers.some((pod) => !isOld(pod))) return true;
        const pick = (pods: LoggedPod[]) => pods[Math.floor(random() * pods.length)];
        const [leaves, comes] = [pick(held.filter(isOld)), pick(free)];
        if (leaves && held.length > 10) await label(leaves.name, null);
        if (comes && held.length < 18) await label(comes.name, 'Allocated');
        return false;
      },
      { everyMs: 50 },
    );
    const kept = serversIn('rolls').filter(isOld);
    // The update may have been done before, until one more old server lost its players: so both at once.
    await until('rolls to be updated', async () => {
      const { conditions = [], updatedReplicas } = await arena.poolStatus('rolls');
      const progress = conditions.find(({ type }) => type === 'Progressing');
      return progress?.reason === 'RevisionAvailable' && updatedReplicas === REPLICAS - kept.length;
    });
    await log.caughtUp();

    const [low, most, touched, both] = [[] as string[], [] as string[], new Set<string>(), new Set<string>()];
    const allocated = new Set<string>();
    log.replay(({ type, pod }) => {
      if (pod.pool !== 'rolls') return;
      if (pod.deleting && allocated.has(pod.uid)) touched.add(pod.name);
      if (!pod.deleting && type !== 'DELETED' && pod.labels[STATE]) allocated.add(pod.uid);
      else allocated.delete(pod.uid);
    });
    let seen = 0;
    log.replay(({ pod }, pods) => {
      if (++seen <= from || pod.pool !== 'rolls') return;
      const live = [...pods.values()].filter((each) => each.pool === 'rolls' && !each.deleting);
      const held = live.filter((each) => each.labels[STATE]).length;
      const ready = live.filter((each) => each.ready && !each.labels[STATE]).length;
      if (ready < REPLICAS - held - UNAVAILABLE) low.push(`${pod.name}: ${ready} ready, ${held} held`);
      if (live.length > REPLICAS + 3) most.push(`${pod.name}: ${live.length}`);
      live.forEach((each) => both.add(each.labels[REVISION]!));
    });
    expect(low).toEqual([]);
    expect(most).toEqual([]);
    expect([...touched]).toEqual([]);
    expect(both.size, 'two templates ran beside each other').toBe(2);
    const left = serversIn('rolls').filter(isOld);
    expect(left.every((pod) => pod.labels[STATE])).toBe(true);
    expect(new Set(left.map(({ uid }) => uid))).toEqual(new Set(kept.map(({ uid }) => uid)));

    // The sessions end, and with them the last servers of the old template.
    await Promise.all(kept.map(({ name }) => label(name, null)));
    await until('no old server', async () => (await arena.poolStatus('rolls')).updatedReplicas === REPLICAS);
  });

  test('that cannot start stops within its bounds, says so, and is taken back', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    const good = pool('breaks', 8, '1', { update: { progressDeadlineSeconds: 2 } });
    await arena.apply(good);
    const before = await arena.ready('breaks', 8);
    await arena.apply(
      pool(
        'breaks',
        8,
        '2',
        { update: { progressDeadlineSeconds: 2 } },
        { nodeSelector: { missing: 'yes' } },
      ),
    );
    await until('the deadline', async () => (await condition('breaks', 'Progressing')).startsWith('False'));
    await expect.poll(() => condition('breaks', 'Stalled')).toBe('True ProgressDeadlineExceeded');
    await expect.poll(() => condition('breaks', 'Available')).toBe('True MinimumReady');
    await expect
      .poll(async () => (await arena.poolStatus('breaks')).message)
      .toMatch(/update stands still: 0 of 6 servers have/);
    const left = await arena.servers('breaks');
    expect(left).toHaveLength(6);

    await arena.apply(good);
    const after = await arena.ready('breaks', 8);
    const uids = (pods: typeof after) => pods.map((pod) => pod.metadata.uid);
    expect(uids(after), 'those that were left are good again').toEqual(expect.arrayContaining(uids(left)));
    expect(uids(before)).toEqual(expect.arrayContaining(uids(left)));
    await done('breaks');
  });

  test('that is paused waits, while the pool scales, and goes on when it is told to', async () => {
    await arena.apply(pool('pauses', 3, '1'));
    await arena.ready('pauses', 3);
    await arena.apply(pool('pauses', 4, '2', { update: { paused: true } }));
    await arena.ready('pauses', 4);
    await expect.poll(() => condition('pauses', 'Progressing')).toBe('Unknown UpdatePaused');
    await expect.poll(() => arena.poolStatus('pauses')).toMatchObject({ updatedReplicas: 1 });
    await arena.apply(pool('pauses', 4, '2', { update: { paused: false } }));
    await until('all', async () => (await arena.poolStatus('pauses')).updatedReplicas === 4);
    await done('pauses');
  });
});

test('a change in place comes to free servers with their Pods, to held ones when they are free; what cannot be goes by new ones', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  const update = { strategy: 'InPlaceIfPossible', maxSurge: 0, maxUnavailable: 2 };
  const apply = (version: string, cpu: string) =>
    arena.apply(
      poolManifest({
        name: 'stays',
        replicas: 4,
        cpu,
        podLabels: { version },
        container: { image: `arena.example.com/game:${version}` },
        spec: { update },
      }),
    );
  const updated = async (replicas: number) => {
    await until('the template', async () => (await arena.poolStatus('stays')).updatedReplicas === replicas);
    await done('stays');
    return arena.ready('stays', 4);
  };
  const shown = (pods: Awaited<ReturnType<typeof updated>>) =>
    pods.map(({ metadata: { uid, labels }, spec }) => [uid, labels['version'], spec.containers[0]!.image]);

  await apply('1', '200m');
  const [held, ...free] = await arena.ready('stays', 4);
  await label(held!.metadata.name, 'Allocated');
  await apply('2', '200m');
  const uids = [held!, ...free].map(({ metadata }) => metadata.uid);
  const image = (version: string) => `arena.example.com/game:${version}`;
  const wanted = uids.map((uid) => [uid, '2', image('2')]);
  expect(shown(await updated(3))).toEqual([[held!.metadata.uid, '1', image('1')], ...wanted.slice(1)]);
  await label(held!.metadata.name, null);
  expect(shown(await updated(4))).toEqual(wanted);

  // These nodes do not resize, and the API server says so, whether it is for less or for more.
  for (const cpu of ['100m', '300m']) {
    const before = (await arena.servers('stays')).map(({ metadata }) => metadata.uid);
    await apply('3', cpu);
    await until('no old template', async () =>
      (await arena.servers('stays')).every(({ metadata }) => !before.includes(metadata.uid)),
    );
    await updated(4);
  }
  await until('the refusal to be told', async () =>
    (await arena.events('GameServerPool', 'stays')).some(
      ({ reason, note }) => reason === 'WriteRefused' && note.includes('resize'),
    ),
  );
});

describe('templates that a pool had', () => {
  interface Kept {
    readonly metadata: { readonly name: string };
    readonly revision: number;
  }
  const kept = async (name: string): Promise<Kept[]> => {
    const text = await arena.cluster.kubectl(
      'get',
      'controllerrevisions',
      '-l',
      `proffer.dev/pool=${name}`,
      '-o',
      'json',
    );
    return (JSON.parse(text) as { items: Kept[] }).items;
  };
  const rollout = (...words: string[]) =>
    proffer('rollout', ...words, '--kubeconfig', arena.cluster.kubeconfigPath, '-n', 'default');

  test('are kept up to a limit, and taken back by a command that waits, pauses and resumes as well', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    const update = { revisionHistoryLimit: 1 };
    for (const version of ['1', '2', '3']) {
      await arena.apply(pool('remembers', 2, version, { update }));
      await until(`template ${version}`, async () =>
        (await kept('remembers')).some(({ revision }) => revision === Number(version)),
      );
      expect((await rollout('status', 'gsp/remembers')).code).toBe(0);
    }
    const numbers = async () =>
      (await kept('remembers')).map(({ revision }) => revision).sort((a, b) => a - b);
    await until('the limit to be kept', async () => String(await numbers()) === '2,3');
    expect((await rollout('history', 'remembers')).out).toMatch(/^REVISION.*\n3 .*\n2 .*teeworlds/);

    const before = (await arena.servers('remembers')).map(({ metadata }) => metadata.labels[REVISION]);
    expect(await rollout('undo', 'remembers')).toMatchObject({ code: 0, err: '' });
    expect((await rollout('status', 'remembers')).code).toBe(0);
    await until('the highest number', async () => String(await numbers()) === '3,4');
    const after = (await arena.servers('remembers')).map(({ metadata }) => metadata.labels[REVISION]);
    expect(after).not.toContain(before[0]);

    await rollout('pause', 'remembers');
    expect((await rollout('undo', 'remembers')).err).toMatch('is paused: resume it first');
    await rollout('resume', 'remembers');

    const image = [
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'arena.example.com/next' },
    ];
    const kubectl = (...words: string[]) => arena.cluster.kubectl(...words);
    await kubectl('patch', 'gsp', 'remembers', '--type', 'json', '-p', JSON.stringify(image));
    await until('the image', async () =>
      (await rollout('history', 'remembers')).out.includes('example.com/next'),
    );
    await kubectl('wait', '--for=condition=Available', '--timeout=300s', 'gsp/remembers');
    const reason = '{.status.conditions[?(@.type=="Progressing")].reason}';
    await kubectl('wait', `--for=jsonpath=${reason}=RevisionAvailable`, '--timeout=300s', 'gsp/remembers');

    // Somebody deletes what is kept, and the pool.
    await arena.cluster.kubectl('delete', 'controllerrevisions', '-l', 'proffer.dev/pool=remembers');
    await until('the template of now', async () => (await kept('remembers')).length === 1);
    await arena.cluster.kubectl('delete', 'gsp', 'remembers');
    await until('nothing to be left', async () => (await kept('remembers')).length === 0);
  });
});

test('a held server that its pool has no place for gets the overflow marks, until it has one again', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  const update = {
    overflow: { labels: { 'studio.example/old': 'yes' }, annotations: { note: 'ends soon' } },
  };
  await arena.apply(pool('overflows', 2, '1', { update }));
  const [held] = await arena.ready('overflows', 2);
  await label(held!.metadata.name, 'Allocated');
  await arena.apply(pool('overflows', 2, '2', { update }));
  const shown = async () =>
    (await arena.servers('overflows')).find(({ metadata }) => metadata.uid === held!.metadata.uid);
  const mark = async () => (await shown())?.metadata.labels['studio.example/old'];
  await until('the mark', async () => (await mark()) === 'yes');
  await expect.poll(async () => (await shown())!.metadata.annotations).toMatchObject({ note: 'ends soon' });
  await done('overflows');
  await expect
    .poll(async () => (await arena.poolStatus('overflows')).message)
    .toMatch('1 held on an older one');

  await arena.apply(pool('overflows', 2, '1', { update }));
  await until('the mark to go', async () => (await mark()) === undefined);
  await expect.poll(async () => (await shown())!.metadata.labels[STATE]).toBe('Allocated');
});

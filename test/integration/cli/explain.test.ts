import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { applyCrds } from '../../support/crds.ts';
import { proffer } from './run.ts';

/** The names that fake nodes get. */
const NODES = ['fake-00000', 'fake-00001', 'fake-00002', 'fake-00003'] as const;

let cluster: Cluster;
let folder: string;
/** What was said before our kinds were there. */
let bare: Awaited<ReturnType<typeof proffer>>;
let dumps: { readonly yaml: string; readonly json: string };

const container = (cpu: string, more: object = {}) => ({
  name: 'main',
  image: 'none',
  resources: { requests: { cpu } },
  ...more,
});
const pod = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { schedulerName: 'nobody', ...spec },
});
const pool = (replicas: number) => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'GameServerPool',
  metadata: { name: 'arena', namespace: 'default' },
  spec: { replicas, template: { spec: { containers: [container('3')] } } },
});

/** One of each: nodes with a trouble each, Pods that run and wait, one with a message over several lines, a pool. */
async function furnish(): Promise<void> {
  const [first, second, third] = NODES;
  await applyCrds(cluster);
  await cluster.kubectl('cordon', first);
  await cluster.kubectl('taint', 'node', second, 'dedicated=batch:NoSchedule');
  const objects = [
    pool(2),
    pod('runs', {
      nodeName: third,
      containers: [container('2', { ports: [{ containerPort: 80, hostPort: 80 }] })],
    }),
    pod('clashes', { containers: [container('1', { ports: [{ containerPort: 80, hostPort: 80 }] })] }),
    pod('large', { containers: [container('99')] }),
    pod('picky', { nodeSelector: { disk: 'ssd' }, containers: [container('1')] }),
    pod('folded', {
      containers: [container('1', { command: ['sh', '-c', '# no comment\nx: "y" # z\n\n  - deep\n'] })],
    }),
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await cluster.kubectlWithInput(input, 'apply', '-f', '-');
}

async function dump(format: 'yaml' | 'json'): Promise<string> {
  const file = join(folder, `dump.${format}`);
  const kinds = 'nodes,pods,ns,pv,pvc,sc,csinodes,pc,runtimeclasses,gsp,tj,or';
  await writeFile(file, await cluster.kubectl('get', kinds, '--all-namespaces', '--output', format));
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proffer-explain-'));
  cluster = await startCluster({ name: 'it-explain', fakeNodes: NODES.length, fakeNode: { cpu: '4' } });
  bare = await live();
  await furnish();
  dumps = { yaml: await dump('yaml'), json: await dump('json') };
});
afterAll(async () => {
  await cluster?.down();
  await rm(folder, { recursive: true, force: true });
});

const live = (...args: string[]) => proffer('explain', ...args, '--kubeconfig', cluster.kubeconfigPath);

describe('proffer explain', () => {
  test.each([
    ['everything that waits', []],
    ['a Pod that runs', ['runs']],
    ['a Pod that waits', ['pod/default/picky']],
    ['a pool', ['gsp/arena']],
  ])('says the same of %s live and out of dumps', async (_, target) => {
    const answer = await live(...target, '-o', 'json');
    expect(answer).toMatchObject({ code: 0, err: '' });
    for (const file of [dumps.yaml, dumps.json]) {
      expect(await proffer('explain', ...target, '-f', file, '-o', 'json')).toEqual(answer);
      expect((await proffer('explain', ...target, '-f', file)).out).toBe((await live(...target)).out);
    }
  });

  test('names the nodes where each Pod could live, and what speaks against the others', async () => {
    const { out } = await live('-o', 'json');
    const entries = JSON.parse(out) as { pod: string; fits: string[]; verdicts: Record<string, unknown> }[];
    const [first, second, third, fourth] = NODES;
    expect(Object.fromEntries(entries.map(({ pod, fits }) => [pod, fits]))).toEqual({
      'default/arena-0': [fourth],
      'default/arena-1': [fourth],
      'default/clashes': [fourth],
      'default/large': [],
      'default/picky': [],
      'default/folded': [third, fourth],
    });
    expect(entries.find(({ pod }) => pod === 'default/large')!.verdicts).toMatchObject({
      [first]: { reasons: ['node(s) were unschedulable', 'Insufficient cpu'], missing: { cpu: '95' } },
      [second]: { reasons: ['node(s) had untolerated taint {dedicated: batch}', 'Insufficient cpu'] },
      [third]: { reasons: ['Insufficient cpu'], missing: { cpu: '97' } },
    });
  });

  test('does without the kinds of Proffer where they are not installed', () => {
    expect(bare.code).toBe(0);
    expect(bare.out).toMatch(/^No task waits/);
    expect(bare.err).toBe(
      'proffer: gameserverpools, trainingjobs, offerroles are not served by this cluster: they are taken to be none\n',
    );
  });

  test('tells where a Pod is that is not where it was looked for', async () => {
    const { code, err } = await live('pod/nowhere/runs');
    expect({ code, err }).toEqual({
      code: 2,
      err: 'proffer: there is no Pod "runs" in namespace nowhere; there is pod/default/runs\n',
    });
  });
});

test('proffer replay decides where the pool goes, on the same dump', async () => {
  const { code, out, err } = await proffer('replay', dumps.yaml, '-o', 'json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({
    created: [{ pod: 'default/arena-0', node: NODES[3] }],
    waiting: [{ workload: 'gsp/default/arena', tasks: 1, reason: 'InsufficientResources' }],
    deleted: [],
  });
});

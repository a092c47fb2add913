import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killContainer } from '../../hack/cluster/kill-container.ts';
import { buildImage } from '../../hack/images/index.ts';
import { Arena } from '../support/arena.ts';
import { OperatorProcess } from '../support/operator.ts';
import { until } from '../support/until.ts';
import type { Manifest } from '../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;

interface JobManifest {
  metadata: { name: string };
  spec: { maxRestarts: number; groups: { template: { spec: { containers: { args: string[] }[] } } }[] };
}

/** The training example under another name, with other arguments for its program. */
async function job(name: string, maxRestarts: number, ...args: string[]): Promise<Manifest> {
  const file = join(import.meta.dirname, '../../examples/trainingjob.yaml');
  const manifest = parse(await readFile(file, 'utf8')) as JobManifest;
  manifest.metadata.name = name;
  manifest.spec.maxRestarts = maxRestarts;
  if (args.length > 0) manifest.spec.groups[0]!.template.spec.containers[0]!.args = args;
  return manifest as unknown as Manifest;
}

const phase = (name: string, wanted: string) =>
  until(`${name} is ${wanted}`, async () => {
    const status = await arena.jobStatus(name);
    return status.phase === wanted ? status : undefined;
  });

beforeAll(async () => {
  arena = await Arena.start({ name: `job-${process.pid}`, nodes: 2, log: () => undefined });
  await arena.cluster.loadImage((await buildImage('trainer')).tar);
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'job' });
});
afterAll(async () => {
  await operator?.stop();
  await arena?.down();
});

describe('a training job on real nodes', () => {
  test('of three workers runs to its end', async () => {
    await arena.apply(await job('regression', 3));
    const status = await phase('regression', 'Succeeded');
    expect(status).toMatchObject({
      workers: 3,
      active: 0,
      succeeded: 3,
      restarts: 0,
      message: '3 workers succeeded',
    });
    const logs = await arena.cluster.kubectl(
      'logs',
      '-l',
      'proffer.dev/job=regression',
      '--prefix',
      '--tail=-1',
    );
    for (const worker of [0, 1, 2]) expect(logs).toContain(`regression-worker-${worker}`);
    expect(logs).toMatch(/loss/);
  });

  test('whose worker is killed makes it again, and succeeds', async () => {
    await arena.apply(await job('crashes', 3, '--epochs', '60', '--bound', '0.15', '--pause', '0.25'));
    await until('all workers run', async () => {
      const pods = await arena.pods('proffer.dev/job=crashes');
      return pods.length === 3 && pods.every((pod) => pod.status.phase === 'Running');
    });
    await killContainer(arena.cluster, 'default', 'crashes-worker-1');
    await until('the worker is made again', async () => {
      const pods = await arena.pods('proffer.dev/job=crashes');
      return pods.some((pod) => pod.metadata.name === 'crashes-worker-1-r1');
    });
    expect(await phase('crashes', 'Succeeded')).toMatchObject({ succeeded: 3, restarts: 1 });
  });

  test('whose workers keep failing fails, and leaves them for their logs', async () => {
    await arena.apply(await job('hopeless', 1, '--epochs', '1', '--bound', '0.0000001'));
    const status = await phase('hopeless', 'Failed');
    expect(status.message).toBe('more than 1 restarts; see the logs of the failed workers');
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Failed', status: 'True' }));
    const logs = await arena.cluster.kubectl('logs', '-l', 'proffer.dev/job=hopeless', '--tail=-1');
    expect(logs).toMatch(/loss/);
  });
});

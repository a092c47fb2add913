import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aSnapshot, type JobBuilder } from '../../../test/builders/index.ts';
import { podManifest, type PodManifest } from '../../plan/pod.ts';
import { DRIVERS } from '../drivers.ts';
import { jobFacts } from './facts.ts';
import { mpiSecret } from './mpi.ts';

/** The Pods of all workers of a job, group by group. */
function podsOf(job: JobBuilder): PodManifest[] {
  const snapshot = aSnapshot().with(aNode('n1'), job).build();
  const framework = snapshot.frameworks[0]!;
  return framework.classes.flatMap((demandClass) =>
    Array.from(demandClass.pending, (vacancy) => {
      const offer = { id: 'o', framework: 0, role: '', agent: 0, demandClass, tasks: 1, ports: [] };
      return podManifest(framework, { offer, vacancy, ports: [] }, DRIVERS, snapshot.agents[0]!);
    }),
  );
}

const variables = ({ spec }: PodManifest): Record<string, unknown> =>
  Object.fromEntries(
    (spec.containers[0]!.env ?? [])
      .filter(({ name }) => !name.startsWith('PROFFER_'))
      .map((each) => [each.name, 'value' in each ? each.value : undefined]),
  );

const dnsName = ({ spec }: PodManifest): string => {
  const { hostname, subdomain } = spec as { hostname?: string; subdomain?: string };
  return [hostname, subdomain].filter(Boolean).join('.');
};

const names = (job: JobBuilder) => podsOf(job).map(dnsName);

const learn = () => aJob('learn').group(aGroup('lead'), aGroup('worker').replicas(2));

describe('the name of a worker', () => {
  test('is that of its rank, below the Service of its job', () => {
    expect(names(learn())).toEqual(['learn-lead-0.learn', 'learn-worker-0.learn', 'learn-worker-1.learn']);
  });

  test('lies below the subdomain of its template, or below none', () => {
    const job = aJob('learn').group(aGroup('lead').specField('subdomain', 'own'), aGroup('worker'));
    expect(names(job)).toEqual(['learn-lead-0.own', 'learn-worker-0.learn']);
    expect(names(learn().field('network', { service: 'None' }))).toContain('learn-lead-0');
  });
});

describe('a job without a runtime', () => {
  test('adds nothing to the environment of its workers but its own', () => {
    expect(podsOf(learn()).map(variables)).toEqual([{}, {}, {}]);
  });
});

describe('PyTorch', () => {
  const torch = () => learn().field('runtime', 'PyTorch');

  test('is told of each worker as of one process, and by torchrun as of one node', () => {
    const [lead, , last] = podsOf(torch()).map(variables);
    expect(lead).toEqual({
      MASTER_ADDR: 'learn-lead-0.learn',
      MASTER_PORT: '29500',
      WORLD_SIZE: '3',
      RANK: '0',
      LOCAL_RANK: '0',
      LOCAL_WORLD_SIZE: '1',
      PET_NNODES: '3',
      PET_NPROC_PER_NODE: '1',
      PET_NODE_RANK: '0',
      PET_RDZV_BACKEND: 'c10d',
      PET_RDZV_ENDPOINT: 'learn-lead-0.learn:29500',
      PET_RDZV_ID: 'learn',
      PET_RDZV_CONF: 'is_host=true',
    });
    expect(last).toEqual({ ...lead, RANK: '2', PET_NODE_RANK: '2', PET_RDZV_CONF: 'is_host=false' });
  });

  test('counts processes where a worker has several', () => {
    expect(podsOf(torch().field('processesPerWorker', 4)).map(variables)[2]).toMatchObject({
      WORLD_SIZE: '12',
      RANK: '8',
      LOCAL_WORLD_SIZE: '4',
      PET_NNODES: '3',
      PET_NPROC_PER_NODE: '4',
      PET_NODE_RANK: '2',
    });
  });

  test('leaves a group out that takes no part', () => {
    const data = aGroup('data').replicas(2).field('runtime', 'None');
    const job = aJob('learn').field('runtime', 'PyTorch').group(data, aGroup('worker').replicas(2));
    const all = podsOf(job).map(variables);
    expect(all.slice(0, 2)).toEqual([{}, {}]);
    expect(all.slice(2).map(({ RANK, WORLD_SIZE, MASTER_ADDR }) => [RANK, WORLD_SIZE, MASTER_ADDR])).toEqual([
      ['0', '2', 'learn-worker-0.learn'],
      ['1', '2', 'learn-worker-0.learn'],
    ]);
  });

  test('gives way to what the template says, which may refer to it', () => {
    const own = [
      { name: 'MASTER_PORT', value: '1234' },
      { name: 'WHO', value: 'rank $(RANK) at $(PROFFER_WORKER_INDEX)' },
    ];
    const group = aGroup('w').specField('containers', [{ name: 'main', env: own }]);
    const [pod] = podsOf(aJob('learn').field('runtime', 'PyTorch').group(group));
    const listed = pod!.spec.containers[0]!.env!.map(({ name }) => name);
    expect(listed.filter((name) => name === 'MASTER_PORT')).toHaveLength(1);
    expect(variables(pod!)).toMatchObject({ MASTER_PORT: '1234', MASTER_ADDR: 'learn-w-0.learn' });
    expect(listed.indexOf('RANK')).toBeLessThan(listed.indexOf('WHO'));
  });
});

test('JAX is told where the first process is, how many there are, and which it is', () => {
  expect(podsOf(learn().field('runtime', 'JAX')).map(variables)[1]).toEqual({
    JAX_COORDINATOR_ADDRESS: 'learn-lead-0.learn:29500',
    JAX_NUM_PROCESSES: '3',
    JAX_PROCESS_ID: '1',
  });
});

/** What TensorFlow makes of TF_CONFIG, as its TFConfigClusterResolver does: where it serves, and who else there is. */
function resolve(text: string) {
  const { cluster, task } = JSON.parse(text) as {
    cluster: Record<string, string[]>;
    task: { type: string; index: number };
  };
  const own = cluster[task.type]?.[task.index];
  if (own === undefined && task.type !== 'evaluator') throw new Error(`no ${task.type} ${task.index}`);
  return { cluster, own };
}

test('TensorFlow is told all servers by group, and every worker finds itself there, but for an evaluator', () => {
  const job = aJob('learn')
    .field('runtime', 'TensorFlow')
    .group(
      aGroup('chief'),
      aGroup('ps').replicas(2),
      aGroup('worker').replicas(3),
      aGroup('evaluator'),
      aGroup('data').field('runtime', 'None'),
    );
  const pods = podsOf(job);
  const resolved = pods
    .filter((pod) => 'TF_CONFIG' in variables(pod))
    .map((pod) => ({ pod, ...resolve(String(variables(pod)['TF_CONFIG'])) }));
  expect(resolved).toHaveLength(7);
  for (const { pod, cluster, own } of resolved) {
    expect(cluster).toEqual(resolved[0]!.cluster);
    const name = dnsName(pod);
    expect(own).toBe(name === 'learn-evaluator-0.learn' ? undefined : `${name}:2222`);
  }
  expect(Object.entries(resolved[0]!.cluster).map(([name, all]) => [name, all.length])).toEqual([
    ['chief', 1],
    ['ps', 2],
    ['worker', 3],
  ]);
});

test('addresses of a thousand workers fit into one variable', () => {
  const job = aJob('j'.repeat(49)).field('runtime', 'TensorFlow').group(aGroup('g').replicas(1000));
  const [first] = podsOf(job);
  expect(String(variables(first!)['TF_CONFIG']).length).toBeLessThan(128 * 1024);
});

describe('MPI', () => {
  const pi = () =>
    aJob('pi')
      .field('runtime', 'MPI')
      .field('processesPerWorker', 2)
      .group(aGroup('worker').replicas(2), aGroup('data').field('runtime', 'None'), aGroup('launcher'));
  const files = (job: JobBuilder) =>
    mpiSecret(jobFacts(job.build()))?.files({ privateKey: 'PRIVATE', publicKey: 'PUBLIC' });

  test('has its workers in the host file, each with its slots, and not the launcher', () => {
    expect(files(pi())!['hosts']).toBe('pi-worker-0.pi slots=2\npi-worker-1.pi slots=2\n');
    expect([files(learn()), files(pi().status({ phase: 'Failed' }))]).toEqual([undefined, undefined]);
  });

  test('gives the files to all who take part, and tells them where they are', () => {
    const mounted = ({ spec: { volumes, containers } }: PodManifest) =>
      JSON.stringify(volumes ?? []).includes(`mpi-${pi().identity.uid}`) &&
      JSON.stringify(containers).includes('/etc/mpi');
    expect(podsOf(pi()).map(mounted)).toEqual([true, true, false, true]);
    expect(podsOf(pi()).map((pod) => variables(pod)['OMPI_MCA_orte_default_hostfile'])).toEqual([
      '/etc/mpi/hosts',
      '/etc/mpi/hosts',
      undefined,
      '/etc/mpi/hosts',
    ]);
  });

  test('keeps volumes of the template', () => {
    const own = pi().group(aGroup('more').specField('volumes', [{ name: 'tmp', emptyDir: {} }]));
    const names = podsOf(own)
      .at(-1)!
      .spec.volumes?.map(({ name }) => name);
    expect(names).toEqual(['tmp', 'proffer-secret']);
  });
});

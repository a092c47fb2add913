/**
 * PyTorch, torchrun, JAX and Open MPI on real kubelets, each as a gang that finds itself by the names and variables that its
 * TrainingJob gives it. Prints the last words of each rank, and when what happened. NAME ... runs some of them alone.
 */
import { binary, startCluster, type Cluster } from '../cluster/index.ts';
import { killContainer } from '../cluster/kill-container.ts';
import { buildImage } from '../images/index.ts';
import { install } from './install.ts';
import { step, until } from './steps.ts';

interface Example {
  readonly file: string;
  readonly job: string;
  readonly image: 'pytorch' | 'jax' | 'openmpi';
  /** Whether its first worker is killed once the first steps are told. */
  readonly kills?: boolean;
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  pytorch: { file: 'examples/training/pytorch/job.yaml', job: 'agent', image: 'pytorch', kills: true },
  torchrun: { file: 'examples/training/pytorch/torchrun.yaml', job: 'agents', image: 'pytorch' },
  jax: { file: 'examples/training/jax/job.yaml', job: 'pendulum', image: 'jax', kills: true },
  mpi: { file: 'examples/training/mpi/job.yaml', job: 'pi', image: 'openmpi' },
};
/** How long a run may take, s: nothing may hang. */
const LIMIT = 180;

interface Job {
  readonly status?: { readonly phase?: string; readonly message?: string };
}

/** Applies a job and waits for its end. @throws Error when it does not succeed in time */
async function train(cluster: Cluster, { file, job, kills = false }: Example): Promise<void> {
  const pods = ['-n', 'default', '-l', `proffer.dev/job=${job}`];
  const kubectl = (...args: string[]) => cluster.kubectl(...args);
  const from = performance.now();
  const since = () => ((performance.now() - from) / 1000).toFixed(1);
  await kubectl('apply', '-n', 'default', '-f', file);
  const logs = () => kubectl('logs', ...pods, '--prefix', '--tail=2').catch(() => '');
  let stepped = false;
  const phase = await until(
    `${job} ends`,
    LIMIT,
    async () => {
      if (!stepped && /step \d+/u.test(await logs())) {
        stepped = true;
        console.log(`    ${since()} s: the first steps are told`);
        if (kills && (await killContainer(cluster, 'default', `${job}-worker-0`)) > 0)
          console.log(`    ${since()} s: worker 0 is killed`);
      }
      const { status } = JSON.parse(await kubectl('get', 'tj', job, '-n', 'default', '-o', 'json')) as Job;
      return ['Succeeded', 'Failed'].find((end) => end === status?.phase);
    },
    async () => `${await kubectl('get', 'tj,pods', '-n', 'default', '-o', 'wide')}\n${await logs()}`,
  );
  console.log(`    ${since()} s: ${phase}\n${await logs()}`);
  if (phase !== 'Succeeded') throw new Error(`${job} is ${phase}`);
}

async function main(names: readonly string[]): Promise<void> {
  const wanted = names.length === 0 ? Object.keys(EXAMPLES) : names;
  const examples = wanted.map((name) => {
    const example = EXAMPLES[name];
    if (!example) throw new Error(`no example is called ${name}: ${Object.keys(EXAMPLES).join(', ')}`);
    return example;
  });
  const images = await step('Packing images: frameworks and the operator', () =>
    Promise.all([...new Set([...examples.map(({ image }) => image), 'operator' as const])].map(buildImage)),
  );
  const cluster = await step('Starting Kubernetes: a control plane and two nodes', () =>
    startCluster({ name: 'frameworks', nodes: 2 }),
  );
  try {
    await step('Loading the images', async () => {
      for (const { tar } of images) await cluster.loadImage(tar);
    });
    const helm = await binary('helm');
    await step('Installing the operator', () => install(cluster, helm, ['--set', 'rbac.jobSecrets=true']));
    for (const example of examples) await step(example.file, () => train(cluster, example));
  } finally {
    await cluster.down();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`\nnpm run frameworks: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

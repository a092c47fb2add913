import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Cluster } from '../../../hack/cluster/index.ts';
import { failure, repositoryFile, startWithCrds } from './apiserver.ts';
import { claim, pool, type Manifest } from './manifests.ts';
import { VALID } from './valid.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startWithCrds('api-accepted');
});
afterAll(async () => cluster?.down());

const create = async (manifest: Manifest, ...flags: string[]): Promise<Manifest> =>
  JSON.parse(
    await cluster.kubectlWithInput(JSON.stringify(manifest), 'create', ...flags, '-o', 'json', '-f', '-'),
  );

describe('the API server takes it and fills in the defaults', () => {
  test.each(VALID)('$why', async ({ manifest, spec }) => {
    expect((await create(manifest, '--dry-run=server'))['spec']).toMatchObject(spec);
  });
});

describe('examples', () => {
  const files = readdirSync(repositoryFile('examples')).filter((name) => name.endsWith('.yaml'));

  test('there is one of each kind', () => {
    const kinds = files.map((name) => parse(readFileSync(repositoryFile(`examples/${name}`), 'utf8')).kind);
    expect(new Set(kinds)).toEqual(new Set(['GameServerPool', 'OfferRole', 'TrainingJob']));
  });

  const roles = readdirSync(repositoryFile('examples/roles')).map((name) => `roles/${name}`);
  const training = ['pytorch/job', 'pytorch/torchrun', 'jax/job', 'mpi/job'].map(
    (name) => `training/${name}.yaml`,
  );
  test.each([...files, ...roles, 'claim/gameserverclaim.yaml', ...training])(
    '%s is accepted as it stands',
    async (name) => {
      await cluster.kubectl('apply', '-f', repositoryFile(`examples/${name}`));
      expect(await cluster.kubectl('apply', '-f', repositoryFile(`examples/${name}`))).toContain('unchanged');
    },
  );
});

describe('kubectl', () => {
  // The API server publishes the schemas some time after the CRDs are established, and kubectl breaks the lines.
  const explain = (field: string) =>
    expect.poll(async () => (await cluster.kubectl('explain', field).catch(String)).replaceAll(/\s+/g, ' '));

  test('explain teaches', async () => {
    await explain('gsp.spec.ports').toContain('Ports that players reach, each on a host port of its node.');
    await explain('gsp.spec.template.spec.containers.resources.requests').toContain(
      'What an offer must contain',
    );
    await explain('tj.spec.groups').toContain('All workers of all groups are placed at once');
    await explain('or.spec.weight').toContain('weight 2 is due twice what weight 1 is due');
  });

  test('scale and status go through their own doors', async () => {
    await create(pool({ replicas: 2 }, 'scaled'));
    const status = { replicas: 2, selector: 'proffer.dev/pool=scaled' };
    await cluster.kubectl(
      'patch',
      'gsp',
      'scaled',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    );
    await cluster.kubectl('scale', 'gsp/scaled', '--replicas=7');
    const scale = await cluster.kubectl(
      'get',
      '--raw',
      '/apis/proffer.dev/v1alpha1/namespaces/default/gameserverpools/scaled/scale',
    );
    expect(JSON.parse(scale)).toMatchObject({ spec: { replicas: 7 }, status });
    const tooMany = await failure(cluster.kubectl('scale', 'gsp/scaled', '--replicas=100001'));
    expect(tooMany).toContain('spec.replicas');
    // A status that comes in by the front door is dropped.
    const quiet = await create({ ...pool({}, 'quiet'), status: { message: 'mine' } });
    expect(quiet['status']).toBeUndefined();
  });

  test('a claim says once what it wants', async () => {
    await create(claim({ priority: 1 }, 'once'));
    const patch = (of: object) =>
      cluster.kubectl('patch', 'gsc', 'once', '--type=merge', '-p', JSON.stringify(of));
    expect(await patch({ metadata: { labels: { a: 'b' } } })).toContain('patched');
    expect(await failure(patch({ spec: { priority: 2 } }))).toContain('a claim says once what it wants');
  });

  test('get answers: is it well, and if not why', async () => {
    await create(pool({ replicas: 3 }, 'waiting'));
    const status = {
      readyReplicas: 1,
      allocatedReplicas: 1,
      players: 12,
      updatedReplicas: 1,
      pendingReplicas: 2,
      recovered: 4,
      message: '1 of 3 servers ready',
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'InsufficientResources',
          message: '',
          lastTransitionTime: '2026-01-01T12:00:00Z',
        },
      ],
    };
    await cluster.kubectl(
      'patch',
      'gsp',
      'waiting',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    );
    // With the name of the kind before its own, as when several kinds are asked for.
    const [head, row] = (await cluster.kubectl('get', 'gsp/waiting', '--show-kind')).split('\n');
    expect(head?.split(/\s+/)).toEqual(
      'NAME DESIRED READY ALLOCATED PLAYERS UPDATED PENDING MESSAGE AGE'.split(' '),
    );
    expect(row).toMatch(
      /^gameserverpool.proffer.dev\/waiting +3 +1 +1 +12 +1 +2 +1 of 3 servers ready +\d+m?s$/,
    );
    const columns = async (...args: string[]) =>
      (await cluster.kubectl('get', ...args)).split('\n')[0]?.trimEnd().split(/\s+/);
    expect(await columns('tj')).toEqual([
      'NAME',
      'PHASE',
      'ACTIVE',
      'WORKERS',
      'SUCCEEDED',
      'RESTARTS',
      'STEP',
      'CHECKPOINT',
      'AGE',
      'MESSAGE',
    ]);
    expect(await columns('or')).toEqual(['NAME', 'STATE', 'SHARE', 'PENDING', 'AGE', 'MESSAGE']);
    expect(await columns('gsc')).toEqual('NAME POOL SERVER ADDRESS PORT STATE AGE MESSAGE'.split(' '));
    expect(await columns('gsp', '-o', 'wide')).toEqual(
      expect.arrayContaining(['STATE', 'RESERVED', 'CAPACITY', 'RECOVERED', 'ROLE']),
    );
  });

  test('everything of Proffer in one list, and workloads of one role by a field selector', async () => {
    await create(pool({ role: 'studio/a' }, 'of-studio'));
    const names = await cluster.kubectl('get', 'gsp', '--field-selector=spec.role=studio/a', '-o', 'name');
    expect(names.trim()).toBe('gameserverpool.proffer.dev/of-studio');
    expect(await cluster.kubectl('get', 'proffer', '-o', 'name')).toContain(
      'gameserverpool.proffer.dev/of-studio',
    );
    expect(await cluster.kubectl('get', 'all', '-o', 'name')).toContain(
      'gameserverpool.proffer.dev/of-studio',
    );
  });
});

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartFile, tryRender } from './helm.ts';
import { leaves, type Schema } from './values-table.ts';

/** Values that must be refused, and what the refusal must say: the field, and what is wrong with it. */
const refused: [what: string, values: unknown, says: (string | RegExp)[]][] = [
  ['an unknown key', { replicaCount: 2 }, ['replicaCount', 'not allowed']],
  [
    'an unknown key further down',
    { config: { hostPort: '7000-8000' } },
    ['/config', 'hostPort', 'not allowed'],
  ],
  ['a misspelt section', { metrics: { servicemonitor: {} } }, ['/metrics', 'servicemonitor', 'not allowed']],
  ['text for a number', { replicas: '2' }, ['/replicas', 'got string, want integer']],
  ['no replica', { replicas: 0 }, ['/replicas', 'minimum', 'got 0, want 1']],
  ['half a replica', { replicas: 1.5 }, ['/replicas', 'want integer']],
  ['too many replicas', { replicas: 50 }, ['/replicas', 'maximum', 'want 9']],
  ['text for a switch', { crds: { install: 'yes' } }, ['/crds/install', 'got string, want boolean']],
  [
    'a pull policy of no kind',
    { image: { pullPolicy: 'Sometimes' } },
    ['/image/pullPolicy', "'IfNotPresent'"],
  ],
  [
    'a tag inside the repository',
    { image: { repository: 'Games/Proffer' } },
    ['/image/repository', 'pattern'],
  ],
  ['a numeric tag that YAML turned into a number', { image: { tag: 1.2 } }, ['/image/tag', 'want string']],
  ['a digest that is none', { image: { digest: 'sha256:abc' } }, ['/image/digest', 'pattern']],
  [
    'a pull secret by bare name',
    { image: { pullSecrets: ['registry'] } },
    ['/image/pullSecrets/0', 'want object'],
  ],
  ['one host port', { config: { hostPorts: '7000' } }, ['/config/hostPorts', 'pattern']],
  ['a host port as a number', { config: { hostPorts: 7000 } }, ['/config/hostPorts', 'want string']],
  [
    'host ports the wrong way round',
    { config: { hostPorts: '8000-7000' } },
    ['config.hostPorts', 'first-last', '7000-8000'],
  ],
  [
    'a range the wrong way round',
    { config: { portRanges: { a: '2-1' } } },
    ['config.portRanges.a', 'first-last'],
  ],
  [
    'a range named default',
    { config: { portRanges: { default: '1-2' } } },
    ['config.portRanges.default', 'config.hostPorts'],
  ],
  ['host ports beyond the last', { config: { hostPorts: '60000-70000' } }, ['config.hostPorts', '65535']],
  ['a log level of no kind', { config: { logLevel: 'verbose' } }, ['/config/logLevel', "'debug'"]],
  [
    'a lease too short to renew',
    { config: { leaseDurationSeconds: 1 } },
    ['/config/leaseDurationSeconds', 'want 5'],
  ],
  [
    'an interval of nothing',
    { config: { allocationIntervalSeconds: 0 } },
    ['/config/allocationIntervalSeconds', 'minimum'],
  ],
  [
    'a quantity of no kind',
    { resources: { requests: { memory: '1 gig' } } },
    ['/resources/requests/memory', 'pattern'],
  ],
  [
    'claims, which the operator has none of',
    { resources: { claims: [] } },
    ['/resources', 'claims', 'not allowed'],
  ],
  [
    'a toleration with a key of no kind',
    { tolerations: [{ keys: 'a' }] },
    ['/tolerations/0', 'keys', 'not allowed'],
  ],
  [
    'a label value that YAML turned into a switch',
    { nodeSelector: { gpu: true } },
    ['/nodeSelector/gpu', 'want string'],
  ],
  ['an environment variable of ours', { extraEnv: [{ name: 'POD_NAME', value: 'x' }] }, ['/extraEnv/0/name']],
  [
    'an empty peer, which would match nothing',
    { networkPolicy: { ingressFrom: [{}] } },
    ['/networkPolicy/ingressFrom/0'],
  ],
  [
    'no API server port',
    { networkPolicy: { apiServerPorts: [] } },
    ['/networkPolicy/apiServerPorts', 'want 1'],
  ],
  [
    'an interval without unit',
    { metrics: { serviceMonitor: { interval: '15' } } },
    ['/metrics/serviceMonitor/interval', 'pattern'],
  ],
  [
    'rights for everybody in the namespace',
    { serviceAccount: { create: false } },
    ['serviceAccount.name', '`default`'],
  ],
  [
    'the same by name',
    { serviceAccount: { create: false, name: 'default' } },
    ['serviceAccount.name', '`default`'],
  ],
];

test.each(refused)('refused: %s', async (_, values, says) => {
  const { ok, stderr } = await tryRender(values);
  expect(ok).toBe(false);
  for (const words of says) expect(stderr).toContain(words);
});

describe('values.yaml and its schema', () => {
  test('have the same keys, and each is described', async () => {
    const schema = JSON.parse(await chartFile('values.schema.json')) as Schema;
    const described = leaves(schema).filter(({ path }) => path !== 'global');
    expect(described.filter(({ description }) => description === '')).toEqual([]);
    const defaults = parse(await chartFile('values.yaml')) as unknown;
    const at = (path: string): unknown =>
      path
        .split('.')
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], defaults);
    expect(described.filter(({ path }) => at(path) === undefined)).toEqual([]);
    expect(described.length).toBeGreaterThan(30);
  });

  test('accept no key that is unknown, at any level', async () => {
    const open: string[] = [];
    const visit = (schema: Schema, path: string): void => {
      if (schema.properties === undefined) return;
      if (schema.additionalProperties !== false) open.push(path);
      for (const [key, child] of Object.entries(schema.properties)) visit(child, `${path}/${key}`);
    };
    visit(JSON.parse(await chartFile('values.schema.json')) as Schema, '');
    expect(open).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, NOW, type PodBuilder } from '../../../test/builders/index.ts';
import { cycle } from '../../plan/cycle.test-helper.ts';
import { HEALTHY } from '../../recovery/health.ts';
import { PortRanges } from '../../snapshot/port-ranges.ts';
import { judge, type TaskPod } from '../../snapshot/slots.ts';
import { createPodReader } from '../../snapshot/task.ts';
import { poolFacts } from './facts.ts';
import { poolStatus } from './status.ts';

const fixed = { name: 'main', env: [{ name: 'MAP', value: 'dm1' }] };
const RESOURCES = { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } };

/** A template of one container. */
const templateOf = (container: object = {}, podSpec: object = {}, metadata: object = {}) => ({
  metadata: { labels: { version: '1' }, ...metadata },
  spec: {
    containers: [{ ...fixed, image: 'game:1', resources: RESOURCES, ...container }],
    ...podSpec,
  },
});
const shapeOf = (template: object, spec: object = {}) =>
  poolFacts({ ...aPool('arena').build(), spec: { template, ...spec } }).groups[0]!.shape;
const plain = shapeOf(templateOf());

describe('of two templates', () => {
  const resources = (requests: object, limits: object = RESOURCES.limits) =>
    templateOf({ resources: { requests, limits } });
  test.each<[what: string, isInPlace: boolean, template: object, spec?: object]>([
    ['an image', true, templateOf({ image: 'game:2' })],
    ['requests', true, resources({ cpu: '500m', memory: '1Gi' })],
    ['limits', true, resources(RESOURCES.requests, { memory: '2Gi' })],
    ['the value of a label', true, templateOf({}, {}, { labels: { version: '2' } })],
    ['a label more', false, templateOf({}, {}, { labels: { version: '1', more: '1' } })],
    ['a label less', false, templateOf({}, {}, { labels: {} })],
    ['an annotation more', false, templateOf({}, {}, { annotations: { note: '1' } })],
    ['a request more', false, resources({ ...RESOURCES.requests, 'ephemeral-storage': '1Gi' })],
    ['a request less', false, resources({ cpu: '1' })],
    ['a variable', false, templateOf({ env: [{ name: 'MAP', value: 'dm2' }] })],
    ['a command', false, templateOf({ command: ['/game'] })],
    ['the name of a container', false, templateOf({ name: 'game' })],
    ['a container more', false, templateOf({}, { containers: [fixed, { name: 'log', image: 'log:1' }] })],
    ['an init container', false, templateOf({}, { initContainers: [{ name: 'fetch', image: 'fetch:1' }] })],
    ['resources of the Pod', false, templateOf({}, { resources: { requests: { cpu: '2' } } })],
    ['the time that it has to end', false, templateOf({}, { terminationGracePeriodSeconds: 5 })],
    [
      'a port that stays as it is on every node',
      false,
      templateOf(),
      { ports: [{ name: 'game', containerPort: 8303, protocol: 'UDP', policy: 'Static', hostPort: 9000 }] },
    ],
    ['a port', false, templateOf(), { ports: [{ name: 'game', containerPort: 8303, protocol: 'UDP' }] }],
  ])('that differ by %s: in place %s', (_, isInPlace, template, spec = {}) => {
    const other = shapeOf(template, spec);
    expect(other.revision).not.toBe(plain.revision);
    expect(other.fixedPart === plain.fixedPart).toBe(isInPlace);
  });
});

test('how servers are asked is nothing that changes in place', () => {
  const ports = [{ name: 'game', containerPort: 27015, protocol: 'UDP' }];
  const asked = (periodSeconds: number) =>
    shapeOf(templateOf(), { ports, health: { query: { protocol: 'A2S', port: 'game', periodSeconds } } });
  expect(asked(10).fixedPart).not.toBe(asked(20).fixedPart);
  expect(asked(10).fixedPart).toBe(asked(10).fixedPart);
});

describe('servers of an older template', () => {
  const arena = (container: object = {}) =>
    aPool('arena').replicas(2).specField('containers', templateOf(container).spec.containers);
  const { fixedPart = '' } = poolFacts(arena().build()).groups[0]!.shape;
  const server = (slot: number) =>
    aPod(`arena-${slot}`)
      .ofPool(aPool('arena'), slot)
      .on('n1')
      .cpu('1')
      .memory('1Gi')
      .revision('old')
      .annotation('proffer.dev/fixed-part', fixedPart);
  const run = (pods: PodBuilder[], update: object = {}, container: object = { image: 'game:2' }) => {
    const strategy = { strategy: 'InPlaceIfPossible', maxSurge: 0, maxUnavailable: 2, ...update };
    const pool = arena(container).field('update', strategy);
    const [outcome] = cycle(aSnapshot().with(pool, aNode('n1').cpu('8').memory('16Gi'), ...pods)).all;
    const { changes, removals } = outcome!.framework;
    return {
      changed: changes.map(({ name }) => name),
      removed: removals.map(({ pod }) => pod.name),
      message: poolStatus(poolFacts(pool.build()), outcome!, 0, 0).message,
    };
  };

  test('are changed where they are', () => {
    const pods = [server(0).ready(), server(1).starting()];
    expect(run(pods)).toMatchObject({ changed: ['arena-1', 'arena-0'], removed: [] });
  });

  test('are replaced by the other strategies', () => {
    const pods = [server(0).ready(), server(1).ready()];
    const { changed, removed } = run(pods, { strategy: 'RollingUpdate' });
    expect([changed, removed]).toEqual([[], ['arena-1', 'arena-0']]);
  });

  test('are left alone while players hold them', () => {
    const pods = [server(0).ready().session('Allocated'), server(1).ready()];
    expect(run(pods)).toMatchObject({ changed: ['arena-1'], removed: [] });
  });

  test.each<[what: string, pod: PodBuilder, container?: object]>([
    [
      'that were made before there was such a mark',
      server(0).ready().annotation('proffer.dev/fixed-part', ''),
    ],
    ['that do not run yet', server(0)],
    [
      'that are in the middle of a change',
      server(0).ready().annotation('proffer.dev/changing', 'main=containerd://1'),
    ],
    [
      'that would grow beyond their node',
      server(0).ready(),
      { resources: { ...RESOURCES, requests: { cpu: '9', memory: '1Gi' } } },
    ],
  ])('%s are replaced', (_, pod, container) => {
    expect(run([pod], {}, container)).toMatchObject({ changed: [], removed: ['arena-0'] });
  });

  test('that grow stay where their node has room', () => {
    const resources = { ...RESOURCES, requests: { cpu: '4', memory: '1Gi' } };
    expect(run([server(0).ready()], {}, { resources })).toMatchObject({ changed: ['arena-0'], removed: [] });
  });

  test('that the API server does not let be changed are replaced, and it is said why', () => {
    const refused = (slot: number) =>
      server(slot).ready().annotation('proffer.dev/fixed-part', 'refused: exceeded quota: q');
    const { changed, removed, message } = run([refused(0), refused(1)], { maxUnavailable: 1 });
    expect([changed, removed]).toEqual([[], ['arena-1']]);
    expect(message).toMatch('; not in place: exceeded quota: q');
  });

  test.each<[what: string, pod: PodBuilder]>([
    ['is held', server(0).session('Allocated')],
    [
      'has the template by now',
      server(0).revision(poolFacts(arena({ image: 'game:2' }).build()).groups[0]!.shape.revision),
    ],
  ])('of one that was refused nothing is said once it %s', (_, pod) => {
    const refused = pod.ready().annotation('proffer.dev/fixed-part', 'refused: exceeded quota: q');
    expect(run([refused, server(1).ready()]).message).not.toContain('not in place');
  });

  test('that could not be started with another image have not crashed', () => {
    const ended = server(0).revision('new').annotation('proffer.dev/changing', 'main=id').exited(137).build();
    const [main] = ended.status!.containerStatuses!;
    const terminated = { ...main!.state!.terminated!, containerID: 'id' };
    const containerStatuses = [{ ...main!, state: { terminated } }];
    const pod = createPodReader()({ ...ended, status: { ...ended.status, containerStatuses } }) as TaskPod;
    const rules = { row: 'GameServerPool', failuresAfter: () => 7 } as const;
    const watch = {
      now: NOW,
      healthOf: () => HEALTHY,
      bootOf: () => undefined,
      isDrained: () => false,
      hostPorts: new PortRanges({}),
    };
    const recovery = { maxBackoffSeconds: 60, nodeLossSeconds: 12 };
    expect(judge(pod, rules, recovery, watch)).toMatchObject({
      action: 'replace',
      failures: 0,
      ended: 'arena-0 crashed (exit 137, SIGKILL, for another image that did not start) on n1',
    });
  });
});

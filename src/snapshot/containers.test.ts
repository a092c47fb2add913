import { describe, expect, test } from 'vitest';
import { ago, aPod, aPool } from '../../test/builders/index.ts';
import { exitOf, exitWords, stuckOf } from './containers.ts';

const ended = (exitCode: number, message = '') => ({
  terminated: { exitCode, reason: 'Error', message, startedAt: ago(30), finishedAt: ago(20) },
});
const waiting = (reason: string, message = '') => ({ waiting: { reason, message } });
const server = () => aPod('arena-0').ofPool(aPool('arena'), 0).on('n1');
const INIT = { name: 'setup', image: 'x' };
const SIDECAR = { name: 'proxy', image: 'x', restartPolicy: 'Always' };

describe('how a task ended', () => {
  test('is how its main container ended, whatever others did', () => {
    const pod = server().exited(0, 1, 5).helper('log', ended(1));
    expect(exitOf(pod.build())).toMatchObject({ part: 'main', container: 'main', code: 0 });
  });

  test('is how a helper failed while the main container runs; one that ended well ends nothing', () => {
    const failed = exitOf(
      server().starting().helper('log', ended(1, 'bind: address already in use\n')).build(),
    );
    expect(failed).toMatchObject({ part: 'helper', container: 'log', code: 1, ranMs: 10_000 });
    expect(failed?.message).toBe('bind: address already in use');
    expect(exitOf(server().starting().helper('log', ended(0)).build())).toBeUndefined();
  });

  test.each<[what: string, wasReady: boolean, transition: string | undefined, startedAt: string | undefined]>(
    [
      ['ceased to be ready with it', true, ago(20), ago(60)],
      ['ceased to be ready before it', true, ago(40), ago(60)],
      ['was never ready', false, ago(61), ago(60)],
      ['was never ready, and started within a second', false, ago(60), ago(60)],
      ['does not say since when it is not', false, undefined, ago(60)],
      ['does not say when it started', false, ago(20), undefined],
    ],
  )('tells whether it was ready, by a Pod that %s: %s', (_, wasReady, lastTransitionTime, startedAt) => {
    const pod = server().exited(139).build();
    const ready = { type: 'Ready', status: 'False', ...(lastTransitionTime && { lastTransitionTime }) };
    const terminated = { exitCode: 139, finishedAt: ago(20), ...(startedAt && { startedAt }) };
    const status = {
      phase: 'Failed',
      conditions: [ready],
      containerStatuses: [{ name: 'main', state: { terminated } }],
    };
    expect(exitOf({ ...pod, status })).toMatchObject({ part: 'main', wasReady });
  });

  test('is not how a helper failed that the kubelet starts again', () => {
    const containers = [
      { name: 'main', image: 'x' },
      { name: 'log', image: 'x', restartPolicy: 'Always' },
    ];
    const pod = server().specField('containers', containers).starting().helper('log', ended(1));
    expect(exitOf(pod.build())).toBeUndefined();
  });

  test('is not how its main container ended while the kubelet starts that again: by a rule for its exit code, else by its policy', () => {
    const rules = [
      { action: 'Restart', exitCodes: { operator: 'In', values: [42] } },
      { action: 'Restart', exitCodes: { operator: 'NotIn', values: [0, 1, 42] } },
    ];
    const code = (
      restartPolicy: string,
      exitCode: number,
      restartPolicyRules: object[] = [],
      phase = 'Running',
    ) => {
      const pod = server()
        .specField('containers', [{ name: 'main', image: 'x', restartPolicy, restartPolicyRules }])
        .exited(exitCode, 1, 5)
        .build();
      return exitOf({ ...pod, status: { ...pod.status, phase } })?.code;
    };
    expect([0, 1].map((each) => code('Always', each))).toEqual([undefined, undefined]);
    expect([0, 1].map((each) => code('OnFailure', each))).toEqual([0, undefined]);
    expect([0, 1, 42, 7].map((each) => code('Never', each, rules))).toEqual([0, 1, undefined, undefined]);
    expect(code('Always', 1, [], 'Failed')).toBe(1);
  });

  test('is how an init container failed that the kubelet does not start again; a sidecar that it does ends nothing', () => {
    const pod = () => server().specField('initContainers', [INIT, SIDECAR]).stuck('PodInitializing');
    expect(exitOf(pod().init('setup', ended(2)).build())).toMatchObject({
      part: 'init',
      container: 'setup',
      code: 2,
    });
    expect(exitOf(pod().init('proxy', ended(2)).build())).toBeUndefined();
    expect(exitOf(pod().init('setup', ended(0)).build())).toBeUndefined();
  });

  test('has the last words of many, in one line that steers no terminal', () => {
    const { message } = exitOf(
      server()
        .starting()
        .helper('log', ended(1, `${'a\n'.repeat(900)}no\u001B[2J room`))
        .build(),
    )!;
    expect(message).toMatch(/^\.\.\. (a )+no\\u001b\[2J room$/);
    expect(message.length).toBeLessThan(260);
  });
});

test.each([
  [{ exitCode: 137, reason: 'OOMKilled' }, 'exit 137, OOMKilled'],
  [{ exitCode: 139, reason: 'Error' }, 'exit 139, SIGSEGV'],
  [{ exitCode: 128, reason: 'StartError' }, 'exit 128, StartError'],
  [{ exitCode: 1, reason: 'Error' }, 'exit 1'],
  [{ exitCode: 0, reason: 'Completed' }, 'exit 0'],
])('an end is told with its signal or reason: %j', (end, words) => expect(exitWords(end)).toBe(words));

test.each([
  ['nothing, while all containers start', server().stuck('ContainerCreating'), ''],
  ['nothing, while all containers run', server().ready(), ''],
  [
    'a missing image',
    server().stuck('ImagePullBackOff', 'Back-off pulling image "x"'),
    'container main: ImagePullBackOff: Back-off pulling image "x"',
  ],
  [
    'a missing Secret of a helper',
    server().starting().helper('log', waiting('CreateContainerConfigError', 'secret "s" not found')),
    'container log: CreateContainerConfigError: secret "s" not found',
  ],
  [
    'a sidecar that fails, without how long the kubelet waits this time',
    server()
      .specField('initContainers', [SIDECAR])
      .init('proxy', waiting('CrashLoopBackOff', 'back-off 40s restarting failed container'), ended(3)),
    'container proxy: CrashLoopBackOff: exit 3',
  ],
  [
    'a helper that ended, however',
    server().starting().helper('log', ended(0)),
    'container log ended (exit 0)',
  ],
  [
    'no more than fits, and nothing that steers a terminal',
    server().stuck('ErrImagePull', `\u001B[2J${'x'.repeat(9000)}`),
    `container main: ErrImagePull: \\u001b[2J${'x'.repeat(243)} ...`,
  ],
])('what keeps a task from being ready: %s', (_, pod, words) => expect(stuckOf(pod.build())).toBe(words));

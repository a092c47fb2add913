import { describe, expect, test } from 'vitest';
import { toKubeError } from '../kube/errors.ts';
import type { KubeClient, KubeRequest } from '../kube/client.ts';
import type { ChangeCommand } from '../plan/command.ts';
import { createPodReader } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';
import { changing } from './change.ts';
import { carryOut } from './handler.ts';

const command: ChangeCommand = {
  kind: 'change',
  framework: { id: 'gsp/a/arena', kind: 'GameServerPool', key: 'a/arena' },
  namespace: 'a',
  name: 'arena-0',
  uid: 'u',
  resourceVersion: '7',
  template: {
    spec: { containers: [{ name: 'main', image: 'game:2', resources: { requests: { cpu: '1' } } }] },
  },
  revision: 'new',
  demand: { cpu: 1000 },
};
const refusal = toKubeError('patch', { status: { code: 403, message: 'exceeded quota: q' } });

/** An API server with one Pod. @param refuses which part of the Pod it does not let be patched */
function run(cpu: string, refuses?: '' | '/resize', given: Partial<ChangeCommand> = {}, revision = 'old') {
  const sent: string[] = [];
  let version = 7;
  const request = ({ method, path, body }: KubeRequest): Promise<unknown> => {
    const metadata = {
      uid: 'u',
      resourceVersion: String(version),
      labels: { 'proffer.dev/revision': revision },
    };
    const containers = [{ name: 'main', image: 'game:1', resources: { requests: { cpu } } }];
    const containerStatuses = [{ name: 'main', containerID: 'id1' }];
    if (method === 'GET')
      return Promise.resolve({ metadata, spec: { containers }, status: { containerStatuses } });
    const { metadata: own, spec } = body as {
      metadata: { resourceVersion: string; labels?: Record<string, string>; annotations?: object };
      spec: { containers?: object };
    };
    expect(own.resourceVersion, 'each write goes on from the one before').toBe(String(version));
    const part = path.slice('/api/v1/namespaces/a/pods/arena-0'.length);
    const label = own.labels?.['proffer.dev/revision'];
    sent.push(
      [part, label, own.annotations && JSON.stringify(own.annotations), spec.containers && 'spec']
        .filter((each) => each)
        .join(' '),
    );
    if (part === refuses && spec.containers) return Promise.reject(refusal);
    return Promise.resolve({ metadata: { ...metadata, resourceVersion: String(++version) } });
  };
  const assumed = new AssumedPods();
  const outcome = carryOut(
    changing,
    { ...command, ...given },
    {
      client: { request } as unknown as KubeClient,
      assumed,
      readPod: createPodReader(),
      clock: { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() },
      random: () => 0,
      mayWrite: () => true,
      signal: new AbortController().signal,
      onFailure: () => {},
      onAdmitted: () => {},
    },
  );
  return { outcome, sent };
}

const IMAGE = 'new {"proffer.dev/changing":"main=id1"} spec';
const { message } = refusal;
const note = JSON.stringify({ 'proffer.dev/fixed-part': `refused: ${message}` });

describe('a change in place', () => {
  test('of an image is one write, with the revision', async () => {
    const { outcome, sent } = run('1');
    expect(await outcome).toEqual({ kind: 'done' });
    expect(sent).toEqual([IMAGE]);
  });

  test('of resources takes the revision off before, so that none tells a lie when we die between', async () => {
    const { outcome, sent } = run('2');
    expect(await outcome).toEqual({ kind: 'done' });
    expect(sent).toEqual(['changing', '/resize spec', IMAGE]);
  });

  test('that was begun before goes on', async () => {
    const { outcome, sent } = run('2', undefined, {}, 'changing');
    expect(await outcome).toEqual({ kind: 'done' });
    expect(sent).toEqual(['/resize spec', IMAGE]);
  });

  test('of a Pod that is another one by now is none', async () => {
    for (const given of [{ uid: 'other' }, { resourceVersion: '6' }]) {
      const { outcome, sent } = run('1', undefined, given);
      expect([await outcome, sent]).toEqual([{ kind: 'stale' }, []]);
    }
  });

  test('that is refused leaves a note on the Pod, which has its revision again', async () => {
    const { outcome, sent } = run('2', '/resize');
    expect(await outcome).toEqual({ kind: 'fellBack', message });
    expect(sent).toEqual(['changing', '/resize spec', `old ${note}`]);
  });

  test('that is refused half way leaves a Pod of no revision', async () => {
    const { outcome, sent } = run('2', '');
    expect(await outcome).toMatchObject({ kind: 'fellBack' });
    expect(sent).toEqual(['changing', '/resize spec', IMAGE, `changing ${note}`]);
  });
});

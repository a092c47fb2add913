import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { bundle } from '../../../hack/images/bundle.ts';
import type { ClusterAccess } from '../../../src/kube/cluster-access.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import type { Lease } from '../../../src/kube/lease-record.ts';
import { LeaderElector, type LeaderElectorOptions } from '../../../src/kube/lease.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { until } from '../../support/until.ts';
import { TIMES } from './lease-times.ts';

const source = join(import.meta.dirname, 'candidate.ts');

let cluster: Cluster;
let admin: KubeClient;
let proxy: FaultProxy;
let directory: string;
let stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  cluster = await startCluster({ name: 'it-kube-lease' });
  admin = KubeClient.load({ kubeconfig: cluster.kubeconfigPath });
  proxy = await FaultProxy.start(cluster.kubeconfigPath);
  directory = mkdtempSync(join(tmpdir(), 'lease-test-'));
});

afterEach(async () => {
  proxy.heal();
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

afterAll(async () => {
  await proxy?.close();
  await admin?.close();
  await cluster?.down();
  rmSync(directory, { recursive: true });
});

/** An elector in this process, with short times; its thread is its own. */
const candidate = (name: string, identity: string, options: Partial<LeaderElectorOptions> = {}) => {
  const heard: string[] = [];
  const elector = new LeaderElector({
    access: admin.access,
    namespace: 'default',
    name,
    identity,
    ...TIMES,
    clock: systemClock,
    random: Math.random,
    onStarted: () => heard.push('started'),
    onStopped: () => heard.push('stopped'),
    ...options,
  });
  const abort = new AbortController();
  const ended = elector.run(abort.signal);
  const stop = async () => {
    abort.abort();
    await ended;
  };
  stops.push(stop);
  return { elector, heard, stop };
};

/** A candidate in a process of its own. */
const candidateProcess = (file: string, name: string, identity: string) => {
  const child: ChildProcess = spawn(process.execPath, [file, cluster.kubeconfigPath, name, identity], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (text) => (output += String(text)));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  stops.push(() => kill('SIGKILL'));
  return { kill, output: () => output };
};

const leaseOf = (name: string) =>
  admin.request<Lease>({
    method: 'GET',
    path: `/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`,
  });

/** Keeps this thread's event loop from turning, for longer than a lease that nobody renews lasts. */
const spin = () => {
  const ms = 1.6 * TIMES.leaseDurationMs;
  for (const end = performance.now() + ms; performance.now() < end;);
};

describe('two candidates', () => {
  test('one leads, and hands over at once when it stops', async () => {
    const a = candidate('handover', 'a');
    await until('a to lead', () => a.elector.isLeader());
    const b = candidate('handover', 'b');
    await until('b to know who leads', () => b.elector.holder === 'a');
    expect(b.elector.isLeader()).toBe(false);
    await a.stop();
    expect(a.elector.isLeader()).toBe(false);
    await until('b to lead', () => b.elector.isLeader());
    await until('b to be told', () => b.heard.includes('started'));
    expect(a.heard).toEqual(['started', 'stopped']);
    expect(b.heard).toEqual(['started']);
    expect((await leaseOf('handover')).spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('know where the other is reached that leads, and what others wrote on the lease stays', async () => {
    const address = 'https://10.0.0.7:8443';
    const a = candidate('reached', 'a', { address: () => address });
    await until('a to lead', () => a.elector.isLeader());
    await cluster.kubectl('annotate', 'lease', 'reached', 'example.com/note=mine');
    const b = candidate('reached', 'b');
    await until('b to know', () => b.elector.holderAddress === address);
    expect((await leaseOf('reached')).metadata.annotations).toMatchObject({
      'proffer.dev/holder-address': address,
    });
    await a.stop();
    await until('b to lead', () => b.elector.isLeader());
    expect((await leaseOf('reached')).metadata.annotations).toEqual({ 'example.com/note': 'mine' });
    await until('b to know that it leads', () => b.elector.holder === 'b');
    expect(b.elector.holderAddress).toBe('');
  });

  test('never both lead while one is cut off from the API server and the other takes over', async () => {
    const cutOff: ClusterAccess = proxy.access;
    const a = candidate('cut', 'a', { access: cutOff });
    await until('a to lead', () => a.elector.isLeader());
    const b = candidate('cut', 'b');
    proxy.inject({ when: () => true, fault: { kind: 'delay', ms: 60_000 } });
    let both = 0;
    await until(
      'b to lead',
      () => {
        if (a.elector.isLeader() && b.elector.isLeader()) both += 1;
        return b.elector.isLeader();
      },
      { everyMs: 1 },
    );
    expect(both).toBe(0);
    expect(a.elector.isLeader()).toBe(false);
    await until('a to be told', () => a.heard.includes('stopped'));
    proxy.heal();
    proxy.cut();
    await until('a to know who leads', () => a.elector.holder === 'b');
    expect(a.elector.isLeader()).toBe(false);
  });

  test('a leader whose renewals fail now and then keeps the lease', async () => {
    const a = candidate('flaky', 'a', { access: proxy.access });
    await until('a to lead', () => a.elector.isLeader());
    let n = 0;
    const third = () => (n += 1) % 3 === 0;
    proxy.inject({ when: third, fault: { kind: 'resetAfter' } });
    await until('some renewals to fail', () => n > 12);
    expect(a.elector.isLeader()).toBe(true);
    expect(a.heard).toEqual(['started']);
    expect((await leaseOf('flaky')).spec).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0 });
  });
});

describe('a busy event loop', () => {
  test('for more than the lease duration does not cost the lease', async () => {
    const a = candidate('busy', 'a');
    await until('a to lead', () => a.heard.includes('started'));
    const b = candidate('busy', 'b');
    await until('b to know who leads', () => b.elector.holder === 'a');
    const before = (await leaseOf('busy')).spec;
    spin();
    expect(a.elector.isLeader()).toBe(true);
    expect(b.elector.isLeader()).toBe(false);
    const after = (await leaseOf('busy')).spec;
    expect(after).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0 });
    expect(after?.renewTime).not.toBe(before?.renewTime);
    expect(a.heard).toEqual(['started']);
  });

  test('for ever does: the lease lapses, and the fence says so before any message', async () => {
    const a = candidate('wedged', 'a', { mostSilenceMs: 1000 });
    await until('a to lead', () => a.heard.includes('started'));
    spin();
    expect(a.elector.isLeader()).toBe(false);
    expect(a.heard).toEqual(['started']);
    await until('a to be told', () => a.heard.includes('stopped'));
    await until('a to lead again, now that it turns', () => a.elector.isLeader());
  });
});

describe('a candidate process', () => {
  test.each(['sources', 'bundle'] as const)('run from %s dies, and another takes over', async (from) => {
    const file = from === 'sources' ? source : await bundle(source, join(directory, 'bundle'));
    const name = `death-${from}`;
    const first = candidateProcess(file, name, 'first');
    await until('the first to lead', () => first.output().includes('started true'));
    const second = candidateProcess(file, name, 'second');
    const third = candidate(name, 'third');
    await until('the third to know who leads', () => third.elector.holder === 'first');
    await third.stop();
    await first.kill('SIGKILL');
    await until('the second to lead', () => second.output().includes('started true'));
    expect((await leaseOf(name)).spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
    await second.kill('SIGTERM');
    expect(second.output().trim().split('\n')).toEqual(['started true', 'stopped']);
    expect((await leaseOf(name)).spec?.holderIdentity ?? '').toBe('');
  });

  test('that comes back under its identity leads at once', async () => {
    const first = candidateProcess(source, 'same', 'same');
    await until('it to lead', () => first.output().includes('started true'));
    await first.kill('SIGKILL');
    const again = candidateProcess(source, 'same', 'same');
    await until('it to lead again', () => again.output().includes('started true'));
    expect((await leaseOf('same')).spec).toMatchObject({ holderIdentity: 'same', leaseTransitions: 0 });
  });
});

import { OfferEngine } from '../../src/allocator/engine/engine.ts';
import type { SorterKind } from '../../src/allocator/roles/sorter.ts';
import { parseQuantities } from '../../src/allocator/resources/quantities.ts';
import { parseResources } from '../../src/allocator/resources/resources.ts';
import type { Recorder } from './measure.ts';

const AGENT = parseResources('cpus:2;mem:2048;disk:2048', 'agent');
const SMALL = parseQuantities('cpus:1;mem:1024;disk:1024', 'quota');
const LARGE = parseQuantities('cpus:4;mem:4096;disk:4096', 'quota');

/** Mesos' LargeAndSmallQuota: five small quotas for a large one, a framework a role, one batch, then one with nothing to do. */
export function largeAndSmallQuota(
  recorder: Recorder,
  roles: number,
  agents: number,
  sorter: SorterKind = 'drf',
): void {
  const engine = new OfferEngine({ roleSorter: sorter, frameworkSorter: sorter });
  const roleOf = (i: number): string => `${i < (roles * 5) / 6 ? 'small' : 'large'}-${i}`;
  engine.apply({ kind: 'pause' }, 0);
  for (let i = 0; i < roles; i++) {
    const quota = roleOf(i).startsWith('small') ? SMALL : LARGE;
    engine.apply({ kind: 'quota', role: roleOf(i), guarantee: quota, limit: quota }, 0);
  }
  recorder.time('add agents', () => addAgents(engine, agents));
  recorder.time('add frameworks', () => {
    for (let i = 0; i < roles; i++)
      engine.apply({ kind: 'framework', id: `framework-${i}`, roles: [roleOf(i)] }, 0);
  });
  runTwice(recorder, engine);
}

/** Mesos' NonQuotaVsQuota: two agents and two frameworks a role, every role with a quota of two agents or none. */
export function quotaOrNone(
  recorder: Recorder,
  roles: number,
  withQuota: boolean,
  sorter: SorterKind = 'drf',
): void {
  const engine = new OfferEngine({ roleSorter: sorter, frameworkSorter: sorter });
  engine.apply({ kind: 'pause' }, 0);
  if (withQuota) {
    for (let i = 0; i < roles; i++)
      engine.apply({ kind: 'quota', role: `role-${i}`, guarantee: LARGE, limit: LARGE }, 0);
  }
  recorder.time('add agents', () => addAgents(engine, 2 * roles));
  recorder.time('add frameworks', () => {
    for (let i = 0; i < 2 * roles; i++) {
      engine.apply({ kind: 'framework', id: `framework-${i}`, roles: [`role-${i >> 1}`] }, 0);
    }
  });
  runTwice(recorder, engine);
}

function addAgents(engine: OfferEngine, count: number): void {
  for (let i = 0; i < count; i++) engine.apply({ kind: 'agent', id: `agent-${i}`, total: AGENT }, 0);
}

function runTwice(recorder: Recorder, engine: OfferEngine): void {
  const { offers } = recorder.timeAllocating('first run', () => engine.apply({ kind: 'resume' }, 0));
  recorder.count('offers', offers.length);
  const again = recorder.time('second run', () => engine.apply({ kind: 'batch' }, 1));
  recorder.count('offers of the second run', again.offers.length);
}

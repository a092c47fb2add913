import { OfferEngine } from '../../src/allocator/engine/engine.ts';
import { parseResources } from '../../src/allocator/resources/resources.ts';
import type { Recorder } from './measure.ts';

const AGENT = parseResources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]', 'agent');

/** Mesos' SuppressOffers: in every round some more frameworks of one role suppress; all offers return without filter. */
export function suppressOffers(
  recorder: Recorder,
  agents: number,
  frameworks: number,
  suppressed: readonly number[],
): void {
  const engine = new OfferEngine();
  engine.apply({ kind: 'pause' }, 0);
  for (let i = 0; i < frameworks; i++)
    engine.apply({ kind: 'framework', id: `framework-${i}`, roles: ['role1'] }, 0);
  for (let i = 0; i < agents; i++) engine.apply({ kind: 'agent', id: `agent-${i}`, total: AGENT }, 0);
  engine.apply({ kind: 'resume' }, 0);
  let now = 0;
  let done = 0;
  for (const count of suppressed) {
    engine.apply({ kind: 'recoverAll' }, now);
    for (; done < count; done++) engine.apply({ kind: 'suppress', framework: `framework-${done}` }, now);
    now++;
    const { offers } = recorder.timeAllocating(`${count} suppressed`, () =>
      engine.apply({ kind: 'batch' }, now),
    );
    recorder.count(`offers with ${count} suppressed`, offers.length);
  }
}

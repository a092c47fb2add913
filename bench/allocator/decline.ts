import { OfferEngine } from '../../src/allocator/engine/engine.ts';
import type { Offer } from '../../src/allocator/engine/outcome.ts';
import { parseResources } from '../../src/allocator/resources/resources.ts';
import type { Recorder } from './measure.ts';

const TOTAL = parseResources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]', 'agent');
const USED = parseResources('cpus:16;mem:2014;disk:1024', 'agent');
const FOR_EVER = 2 ** 31;

/**
 * Mesos' DeclineOffers: all frameworks in one role, part of every agent in use, every offer declined for ever,
 * round after round; in the end every framework revives, which drops all filters.
 */
export function declineOffers(recorder: Recorder, agents: number, frameworks: number, rounds: number): void {
  const engine = new OfferEngine();
  engine.apply({ kind: 'pause' }, 0);
  recorder.time('add frameworks', () => {
    for (let i = 0; i < frameworks; i++)
      engine.apply({ kind: 'framework', id: `framework-${i}`, roles: ['role1'] }, 0);
  });
  recorder.time('add agents', () => {
    for (let i = 0; i < agents; i++) {
      const used = { [`framework-${i % frameworks}`]: { role1: USED } };
      engine.apply({ kind: 'agent', id: `agent-${i}`, total: TOTAL, used }, 0);
    }
  });
  let made = 0;
  for (let round = 0; round < rounds; round++) {
    const now = round + 1;
    const event = { kind: round === 0 ? 'resume' : 'batch' } as const;
    const { offers } = recorder.timeAllocating(`round ${round}`, () => engine.apply(event, now));
    made += offers.length;
    recorder.time(`decline ${round}`, () => declineAll(engine, offers, now));
  }
  recorder.count('offers', made);
  const end = rounds + 1;
  engine.apply({ kind: 'pause' }, end);
  recorder.time('remove all filters', () => {
    for (let i = 0; i < frameworks; i++) engine.apply({ kind: 'revive', framework: `framework-${i}` }, end);
  });
}

function declineAll(engine: OfferEngine, offers: readonly Offer[], now: number): void {
  for (const { framework, role, agent, resources } of offers) {
    engine.apply({ kind: 'recover', framework, role, agent, resources, refuseSeconds: FOR_EVER }, now);
  }
}

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FilterTable } from './filter-table.ts';
import { parseResources } from '../resources/resources.ts';

const BUNDLES = ['cpus:1', 'cpus:2', 'cpus:1;mem:5', 'mem:5'].map((text) => parseResources(text, ''));

test('answers as a list of refusals does, however many come, end and go', () => {
  const anyStep = fc.record({
    act: fc.constantFrom('add', 'add', 'add', 'add', 'delete', 'wait'),
    slot: fc.integer({ min: 0, max: 12 }),
    bundle: fc.constantFrom(...BUNDLES),
    time: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200, size: 'max' }), (steps) => {
      const table = new FilterTable();
      let list: { slot: number; bundle: (typeof BUNDLES)[number]; end: number }[] = [];
      let now = 0;
      for (const { act, slot, bundle, time } of steps) {
        if (act === 'wait') now += time;
        else if (act === 'delete') {
          const some = list.some((entry) => entry.slot === slot && entry.end > now);
          if (some) expect(table.delete(slot)).toBe(true);
          else table.delete(slot);
          list = list.filter((entry) => entry.slot !== slot);
        } else {
          table.add(slot, bundle, now + time, now);
          list.push({ slot, bundle, end: now + time });
        }
        for (const offer of BUNDLES) {
          const until = list.filter(
            (entry) => entry.slot === slot && entry.end > now && entry.bundle.contains(offer),
          );
          const answer = table.refusedUntil(slot, offer, now);
          expect(answer > 0).toBe(until.length > 0);
          if (until.length > 0) expect(until.map(({ end }) => end)).toContain(answer);
        }
      }
      expect(table.count(now)).toBeLessThanOrEqual(list.filter(({ end }) => end > now).length);
    }),
  );
});

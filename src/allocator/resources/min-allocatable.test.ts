import { describe, expect, test } from 'vitest';
import { MinAllocatable } from './min-allocatable.ts';
import { parseQuantities } from './quantities.ts';
import { parseResources } from './resources.ts';

const least = (...alternatives: string[]) =>
  new MinAllocatable(alternatives.map((text) => parseQuantities(text, 'test')));
const isMet = (minimum: MinAllocatable, text: string) => minimum.isMetBy(parseResources(text, 'test'));

describe('the least that is worth an offer', () => {
  test('is anything when nothing is asked for, but not nothing', () => {
    expect(isMet(least(), 'cpus:0.001')).toBe(true);
    expect(isMet(least(), '')).toBe(false);
    expect(isMet(least(''), '')).toBe(false);
  });

  test('is one of several lists, with all of its amounts', () => {
    const minimum = least('cpus:1;mem:10', 'gpus:1');
    expect(isMet(minimum, 'cpus:1;mem:10')).toBe(true);
    expect(isMet(minimum, 'cpus:0.999;mem:10')).toBe(false);
    expect(isMet(minimum, 'cpus:5')).toBe(false);
    expect(isMet(minimum, 'gpus:2')).toBe(true);
  });

  test('counts numbers and members, and every form of a name together', () => {
    expect(isMet(least('ports:3'), 'ports:[1-3]')).toBe(true);
    expect(isMet(least('ports:3'), 'ports:[1-2]')).toBe(false);
    expect(isMet(least('cpus:3'), 'cpus:1;cpus(a):1;cpus{REV}:1')).toBe(true);
  });

  test('is asked again and again, each for itself', () => {
    const small = least('cpus:1');
    const large = least('cpus:4');
    for (let time = 0; time < 2; time++) {
      expect([isMet(small, 'cpus:2'), isMet(large, 'cpus:2')]).toEqual([true, false]);
      expect([isMet(small, 'cpus:8'), isMet(large, 'cpus:8')]).toEqual([true, true]);
    }
  });
});

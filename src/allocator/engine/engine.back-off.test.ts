import { describe, expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { launch, Story } from './story.test-helper.ts';

const WHOLE = 'F1 a A1 cpus:2;mem:64';

/** F1 in role a declines A1 whenever it is offered; tells at which seconds that was. */
function declines(story: Story, until: number, refuseSeconds: number | null): number[] {
  const times: number[] = [];
  while (story.now < until) {
    if (story.batch().offers.length === 0) continue;
    times.push(story.now);
    story.decline(story.outstanding[0]!, refuseSeconds);
  }
  return times;
}

function alone(options = {}): Story {
  const story = new Story(options);
  story.framework('F1', 'a');
  story.agent('A1', 'cpus:2;mem:64');
  story.recoverAll();
  return story;
}

describe('back-off of declines', () => {
  test('doubles the refusal with each decline in a row, up to the bound', () => {
    expect(declines(alone({ declineBackOff: 12 }), 60, 2)).toEqual([1, 3, 7, 15, 27, 39, 51]);
    expect(declines(alone(), 9, 2)).toEqual([1, 3, 5, 7, 9]);
  });

  test('begins at one interval where a framework wants no filter', () => {
    expect(declines(alone({ declineBackOff: 8 }), 30, null)).toEqual([1, 2, 4, 8, 16, 24]);
  });

  test('never shortens what the framework asked for', () => {
    expect(declines(alone({ declineBackOff: 4 }), 40, 10)).toEqual([1, 11, 21, 31]);
  });

  test('starts over when it uses an offer of the agent, revives, or the agent changes', () => {
    const resets: ((story: Story) => unknown)[] = [
      (story) => {
        story.now += 100;
        story.batch();
        story.accept('F1 a A1', [launch(['t', 'cpus:1;mem:32'])]);
        story.tell({ kind: 'finish', task: 't' });
      },
      (story) => {
        story.tell({ kind: 'revive', framework: 'F1' });
        story.recoverAll();
      },
      (story) => {
        story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources('cpus:3;mem:64', '') });
        story.recoverAll();
      },
    ];
    for (const reset of resets) {
      const story = alone({ declineBackOff: 100 });
      declines(story, 7, 2);
      reset(story);
      const from = story.now;
      expect(declines(story, from + 7, 2).map((time) => time - from)).toEqual([1, 3, 7]);
    }
  });

  test('does not count what was used and comes back', () => {
    const story = alone({ declineBackOff: 100 });
    story.batch();
    story.accept('F1 a A1', [launch(['t', 'cpus:1;mem:32'])], { refuseSeconds: 2 });
    expect(story.batch(2).offers).toEqual(['F1 a A1 cpus:1;mem:32']);
    story.decline('F1 a A1 cpus:1;mem:32', 2);
    expect(story.batch(2).offers).toEqual(['F1 a A1 cpus:1;mem:32']);
  });

  test('lets the last in the order see an agent that many before it decline', () => {
    const served = (declineBackOff: number | null): number | null => {
      const story = new Story({ declineBackOff });
      story.agent('A0', 'cpus:8;mem:64');
      story.framework('needy', 'needy');
      story.accept('needy needy A0', [launch(['t', 'cpus:8;mem:64'])]);
      for (let i = 0; i < 10; i++) story.framework(`picky${i}`, `picky${i}`);
      story.agent('A1', 'cpus:2;mem:64');
      while (story.now < 120) {
        const [offer] = story.outstanding;
        if (offer?.startsWith('needy ') === true) return story.now;
        if (offer !== undefined) story.decline(offer, 5);
        story.batch();
      }
      return null;
    };
    // Ten refusals of five seconds, one a second: there is always somebody whose refusal is over.
    expect(served(null)).toBeNull();
    expect(served(300)).toBe(30);
  });
});

test('without back-off nothing of it is remembered', () => {
  const story = alone();
  story.batch();
  story.decline(WHOLE, 1);
  expect(story.batch(2).offers).toEqual([WHOLE]);
});

import { describe, expect, test } from 'vitest';
import { EventError } from './event-error.ts';
import { checkId } from './lookup.ts';
import { Story } from './story.test-helper.ts';

describe('names that are not known', () => {
  test('are told with the field, and with a few that are', () => {
    const story = new Story();
    const finds = () => story.tell({ kind: 'removeAgent', id: 'A0' });
    expect(finds).toThrow(new EventError('removeAgent.id: there is no agent "A0"'));
    for (let i = 1; i <= 7; i++) story.agent(`A${i}`, 'cpus:1');
    expect(finds).toThrow(
      new EventError('removeAgent.id: there is no agent "A0"; there is A1, A2, A3, A4, A5'),
    );
    story.framework('F1', ['a', 'b']);
    expect(() => story.tell({ kind: 'activate', framework: 'F' })).toThrow(
      new EventError('activate.framework: there is no framework "F"; there is F1'),
    );
    expect(() => story.decline('F1 c A1 cpus:1')).toThrow(
      new EventError('recover.role: F1 is not in role "c"; there is a, b'),
    );
    expect(() => story.recoverAll() && story.decline('F1 a A1 cpus:1')).toThrow(
      new EventError('recover.resources: F1 holds nothing of A1 under a'),
    );
  });
});

describe('an id', () => {
  test.each(['a', 'A-1.b_c', 'ä', '~'])('can be "%s"', (id) => {
    expect(() => checkId(id, 'field')).not.toThrow();
  });

  test.each(['', 'a/b', 'a b', 'a\tb', '\u0007', '\u007f'])('cannot be %j', (id) => {
    expect(() => checkId(id, 'agent.id')).toThrow(
      new EventError(`agent.id: "${id}" must not be empty or hold slashes or spaces`),
    );
  });
});

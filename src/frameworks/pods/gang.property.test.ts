import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aNode, aPod, aSnapshot, type PodBuilder } from '../../../test/builders/index.ts';

const anyMember = fc.record({
  owner: fc.constantFrom<string>('', 'x', 'y'),
  state: fc.constantFrom('waits', 'runs', 'done', 'failed', 'leaves'),
  created: fc.integer({ min: 10, max: 100 }),
  ran: fc.integer({ min: 0, max: 9 }),
});
type Member = typeof anyMember extends fc.Arbitrary<infer T> ? T : never;

const ended = ({ created, ran }: Member): number => created - ran;

function make(member: Member, name: string, min: number): PodBuilder {
  const { owner, state, created, ran } = member;
  const pod = aPod(name).gang('g', min).created(created);
  if (owner !== '') pod.ownedBy('Job', owner);
  switch (state) {
    case 'waits':
      return pod;
    case 'runs':
      return pod.on('n1').ready();
    case 'leaves':
      return pod.on('n1').ready().deleting();
    case 'done':
    case 'failed':
      return pod.on('n1').exited(state === 'done' ? 0 : 1, ended(member), ran);
  }
}

/** The gang, and the names of those whose turn it is. */
function gangOf(...pods: PodBuilder[]) {
  const framework = aSnapshot()
    .with(aNode('n1'), ...pods)
    .build().frameworks[0];
  const open = (framework?.classes ?? []).filter(({ hold }) => !hold && !framework!.hold);
  const names = open.flatMap(({ pending }) => Array.from(pending, ({ name }) => name));
  return { whole: framework?.gang, hold: framework?.hold, names };
}
const members = (all: readonly Member[], min: number, prefix = 'p') =>
  all.map((member, i) => make(member, `${prefix}-${i}`, min));

/** As the rule is said: whether a member that is done belongs to the run of those who wait or run. */
const isOfTheRun = (done: Member, all: readonly Member[]): boolean =>
  all.some(
    (other) =>
      (other.state === 'runs' && other.created > ended(done)) ||
      ((other.state === 'runs' || other.state === 'waits') &&
        other.owner !== '' &&
        other.owner === done.owner),
  );

const anyGang = fc.tuple(fc.array(anyMember, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 5 }));

test('a gang has started when so many of its run are bound or done; else it goes whole or not at all', () => {
  let wholes = 0;
  fc.assert(
    fc.property(anyGang, ([all, min]) => {
      const done = all.filter((each) => each.state === 'done' && isOfTheRun(each, all)).length;
      const started = done + all.filter(({ state }) => state === 'runs').length;
      const waiting = all.filter(({ state }) => state === 'waits').length;
      const { whole, names } = gangOf(...members(all, min));
      expect(whole).toBe(started < min);
      if (started >= min) expect(names).toHaveLength(waiting);
      else expect(names).toHaveLength(waiting < min - started ? 0 : min - started);
      if (started < min && names.length > 0) wholes++;
    }),
    { numRuns: 1000 },
  );
  expect(wholes).toBeGreaterThan(50);
});

test('what an earlier run left behind changes nothing', () => {
  const anyRest = fc.array(
    anyMember.filter(({ state }) => state !== 'waits' && state !== 'runs'),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(anyGang, anyRest, ([all, min], rest) => {
      const earlier = rest.map((each) => ({ ...each, owner: 'earlier', created: each.created + 200 }));
      expect(gangOf(...members(all, min), ...members(earlier, min, 'z'))).toEqual(
        gangOf(...members(all, min)),
      );
    }),
    { numRuns: 500 },
  );
});

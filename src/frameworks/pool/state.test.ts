import { describe, expect, test } from 'vitest';
import { SIGNAL_WORDS, type Signal } from '../../recovery/signal.ts';
import { serverState, TRANSITIONS, type Seen } from './state.ts';

type Fields = Partial<Omit<Seen, 'task'>> & Partial<Seen['task']>;
const server = ({ session = '', intent = '', answers, stuck = '', ...rest }: Fields = {}): Seen => ({
  signal: 'Ready',
  phase: 'Running',
  inverseOffer: undefined,
  cordoned: false,
  ...rest,
  task: { session, intent, answers, stuck },
});
const stateOf = (fields: Fields): string => {
  const { to, cause } = serverState(server(fields));
  return cause === '' ? to : `${to} ${cause}`;
};

/** One for each row of the table, in its order. */
const ROWS: readonly (readonly [state: string, server: Fields])[] = [
  ['Draining Deleting', { signal: 'Deleting' }],
  ['Draining Exited', { signal: 'Exited' }],
  ['Unhealthy Rejected', { signal: 'Rejected' }],
  ['Unhealthy Evicted', { signal: 'Evicted' }],
  ['Unhealthy Rebooted', { signal: 'Rebooted' }],
  ['Unhealthy Crashed', { signal: 'Crashed' }],
  ['Unhealthy HelperCrashed', { signal: 'HelperCrashed' }],
  ['Unhealthy NodeGone', { signal: 'NodeGone' }],
  ['Unhealthy NodeLeaving', { signal: 'NodeLeaving' }],
  ['Unhealthy NodeLost', { signal: 'NodeLost' }],
  ['Unhealthy Closed', { signal: 'Closed' }],
  ['Unhealthy Mute', { signal: 'Mute' }],
  ['Unhealthy NoAnswer', { answers: false }],
  ['Draining Kill', { intent: 'Kill' }],
  ['Draining Drain', { intent: 'Drain' }],
  ['Draining AskedToGo', { inverseOffer: 1 }],
  ['Draining Cordoned', { cordoned: true }],
  ['Reserved', { session: 'Reserved' }],
  ['Allocated', { session: 'Allocated' }],
  ['Reserved Maintenance', { intent: 'Maintenance' }],
  ['Ready', { answers: true }],
  ['Starting CannotStart', { signal: 'Starting', stuck: 'container main: no image' }],
  ['Starting', { signal: 'Starting' }],
  ['Pending CannotStart', { signal: 'Starting', phase: 'Pending', stuck: 'container main: no image' }],
  ['Pending', { signal: 'Starting', phase: 'Pending' }],
];

describe('the table of states', () => {
  test.each(ROWS)('%s', (state, fields) => expect(stateOf(fields)).toBe(state));

  test('has no row that nothing comes to', () => {
    expect(ROWS.map(([state]) => state)).toEqual(
      TRANSITIONS.map(({ to, cause }) => (cause === '' ? to : `${to} ${cause}`)),
    );
  });

  test('knows every signal: what ended a server comes before all that is wished of it', () => {
    const signals = Object.keys(SIGNAL_WORDS) as Signal[];
    const wished = { session: 'Allocated', intent: 'Kill', inverseOffer: 1, cordoned: true } as const;
    // Nobody says of servers how long they may take to start.
    const lives: readonly Signal[] = ['Ready', 'Starting', 'NeverStarted'];
    for (const signal of signals.filter((each) => !lives.includes(each)))
      expect(stateOf({ ...wished, signal })).toMatch(new RegExp(` ${signal}$`));
  });
});

describe('of two rows that apply the first counts', () => {
  test.each<[what: string, server: Fields, state: string]>([
    ['players on a lost node', { signal: 'NodeLost', session: 'Allocated' }, 'Unhealthy NodeLost'],
    [
      'players on a server that does not answer',
      { answers: false, session: 'Allocated' },
      'Unhealthy NoAnswer',
    ],
    ['players on a server that is to drain', { intent: 'Drain', session: 'Allocated' }, 'Draining Drain'],
    ['players on a cordoned node', { cordoned: true, session: 'Allocated' }, 'Allocated'],
    ['players who came before it was ready', { signal: 'Starting', session: 'Allocated' }, 'Allocated'],
    ['a label with a typo', { session: 'allocated' }, 'Allocated'],
    ['players on a server in maintenance', { session: 'Allocated', intent: 'Maintenance' }, 'Allocated'],
    ['one in maintenance that starts', { signal: 'Starting', intent: 'Maintenance' }, 'Reserved Maintenance'],
  ])('%s', (_, fields, state) => expect(stateOf(fields)).toBe(state));
});

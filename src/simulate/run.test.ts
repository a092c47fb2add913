import { describe, expect, test } from 'vitest';
import { differenceText } from './difference-text.ts';
import { formatResources } from '../allocator/resources/resources.ts';
import { readScenario } from './read.ts';
import type { StepReport } from './report.ts';
import { runScenario } from './run.ts';
import { stepText } from './step-text.ts';
import { ScenarioError } from './scenario-error.ts';

const run = (steps: string, head = ''): StepReport[] => [
  ...runScenario(readScenario(`${head}\nsteps:\n${steps}`, 's.yaml')),
];
/** What the failed expectations of a scenario say. */
const differences = (steps: string): string =>
  run(steps)
    .map((report) => differenceText('s.yaml', report))
    .filter(Boolean)
    .join('\n');
const offersOf = ({ offers }: StepReport): string[] =>
  offers.map((o) => `${o.framework} ${o.role} ${o.agent}`);

const A1 = '- agent: {id: A1, total: "cpus:4;mem:4096"}\n';
const A2 = '- agent: {id: A2, total: "cpus:4;mem:4096"}\n';
const F1 = '- framework: {id: F1, roles: [r1]}\n';

describe('a step', () => {
  test('ends when the runs that it triggers are done', () => {
    const [agent, framework, other] = run(A1 + F1 + A2);
    expect([agent, framework, other].map((report) => offersOf(report!))).toEqual([
      [],
      ['F1 r1 A1'],
      ['F1 r1 A2'],
    ]);
    expect(framework).toMatchObject({ step: 2, event: 'framework', time: 0, line: 4, shares: { r1: 1 } });
  });

  test('advance makes a batch run at each interval, and the clock shows it', () => {
    const reports = run(
      `${A1}${F1}- recoverAll: {}\n- advance: {intervals: 3}\n- advance: {}\n`,
      'options: {interval: 0.1}',
    );
    expect(reports.map(({ time }) => time)).toEqual([0, 0, 0, 0.3, 0.4]);
    expect(reports[3]!.samples.map(({ time }) => time)).toEqual([0.1, 0.2, 0.3]);
    expect(offersOf(reports[3]!)).toEqual(['F1 r1 A1']);
  });

  test('pause holds back every run until resume', () => {
    const reports = run(`- pause: {}\n${A1}${F1}- advance: {intervals: 2}\n- resume: {}\n`);
    expect(reports.map((report) => offersOf(report).length)).toEqual([0, 0, 0, 0, 1]);
  });

  test('that cannot be names file, line, step, field and what is wrong', () => {
    const refused = () => run(`${A1}- suppress: {framework: F9}\n`);
    expect(refused).toThrow(ScenarioError);
    expect(refused).toThrow(/^s\.yaml:4: step 2, suppress\.framework/);
    expect(() => run(A1 + A1)).toThrow(/^s\.yaml:4: step 2, agent\.id/);
  });

  test('that cannot be ends the run after what came before it', () => {
    const seen: number[] = [];
    const reports = runScenario(readScenario(`steps:\n${A1}- finish: {task: t}\n`, 's.yaml'));
    expect(() => {
      for (const { step } of reports) seen.push(step);
    }).toThrow(ScenarioError);
    expect(seen).toEqual([1]);
  });
});

describe('expect', () => {
  const all = 'cpus:4;mem:4096';

  test('holds for exactly what was made, whatever the order of the text', () => {
    expect(
      differences(`${A1}${F1}- expect: {offers: {F1: {r1: {A1: "mem:4096;cpus:4.000"}}}}\n- expect: {}\n`),
    ).toBe('');
  });

  test('names what is missing, unexpected and different, and goes on', () => {
    expect(
      differences(`${A1}${A2}${F1}- expect: {offers: {F1: {r1: {A1: "cpus:5;mem:4096"}}, F2: {r1: {A1: "cpus:1"}}}}
- expect: {offers: {F1: {r1: {A1: "cpus:1"}}}, inverseOffers: {F1: [A1]}}\n`),
    ).toBe(`s.yaml:6: step 4, expect does not hold:
  missing      offer to F2 as r1 on A1: cpus:1
  unexpected   offer to F1 as r1 on A2: ${all}
  different    offer to F1 as r1 on A1: expected cpus:5;mem:4096, found ${all} (cpus:1 too little)
s.yaml:7: step 5, expect does not hold:
  missing      offer to F1 as r1 on A1: cpus:1
  missing      inverse offer to F1 for A1: once`);
  });

  test('adds up offers of one agent, and looks no further back than the last one', () => {
    const again = '- recoverAll: {}\n- advance: {}\n';
    expect(
      differences(`${A1}${F1}${again}- expect: {offers: {F1: {r1: {A1: "cpus:8;mem:8192"}}}}
${again}- expect: {offers: {F1: {r1: {A1: "${all}"}}}}\n`),
    ).toBe('');
  });

  test('takes inverse offers as a list or a map', () => {
    const leave = `${A1}${F1}- expect: {offers: {F1: {r1: {A1: "${all}"}}}}\n- unavailability: {agent: A1, start: 60, duration: 5}\n`;
    const offers = `offers: {F1: {r1: {A1: "${all}"}}}`;
    expect(differences(`${leave}- expect: {${offers}, inverseOffers: {F1: [A1]}}\n`)).toBe('');
    expect(differences(`${leave}- expect: {${offers}, inverseOffers: {F1: {A1: ""}}}\n`)).toBe('');
    expect(differences(`${leave}- expect: {${offers}}\n`)).toContain(
      'unexpected   inverse offer to F1 for A1',
    );
  });

  test('expectState compares shares to three decimals, or as it says, and running tasks', () => {
    const third = `- agent: {id: A1, total: "cpus:3;mem:4096"}\n${F1}- accept: {framework: F1, agent: A1, role: r1, tasks: [{id: t, resources: "cpus:1"}], refuseSeconds: null}\n`;
    expect(differences(`${third}- expectState: {shares: {r1: 0.333, r9: 0}, tasks: {F1: 1, F9: 0}}\n`)).toBe(
      '',
    );
    expect(differences(`${third}- expectState: {shares: {r1: 0.3}, within: 0.04}\n`)).toBe('');
    expect(differences(`${third}- expectState: {shares: {r1: 0.332}, tasks: {F1: 2}}\n`)).toBe(
      `s.yaml:6: step 4, expectState does not hold:
  different    share of r1: expected 0.332, found 0.333
  different    tasks of F1: expected 2, found 1`,
    );
  });
});

describe('a workload', () => {
  const work = (more: string) => `- workload: {framework: F1, task: "cpus:1;mem:1024"${more}}\n`;

  test('answers offers that are out and those that come, with as many tasks as fit', () => {
    const reports = run(A1 + F1 + work('') + A2);
    expect(reports.map(({ tasks }) => tasks.length)).toEqual([0, 0, 4, 4]);
    expect(reports[3]!.running.get('F1')).toBe(8);
    expect(reports[2]!.tasks[0]).toMatchObject({ task: 'F1#1', framework: 'F1', state: 'launched' });
  });

  test('launches no more than it has, nor more of an offer than it may', () => {
    const reports = run(`${A1}${F1}${work(', tasks: 3, perOffer: 2')}- advance: {intervals: 4}\n`);
    expect(reports.map(({ tasks }) => tasks.length)).toEqual([0, 0, 2, 1]);
  });

  test('ends its tasks before the batch at which their time is over', () => {
    const reports = run(`${A1}${F1}${work(', seconds: 1.5, tasks: 4')}- advance: {}\n- advance: {}\n`);
    expect(reports.map(({ ended }) => ended.length)).toEqual([0, 0, 0, 0, 4]);
    expect(offersOf(reports[4]!)).toEqual(['F1 r1 A1']);
    expect(reports[4]!.shares).toEqual({ r1: 0 });
  });

  test('ends with null, with its framework, and forgets tasks of an agent that is gone', () => {
    const [, , , , gone] = run(
      `${A1}${F1}${work(', seconds: 2')}- removeAgent: {id: A1}\n- advance: {intervals: 3}\n`,
    );
    expect(gone!.ended).toEqual([]);
    expect(gone!.running.get('F1')).toBe(0);
    const reports = run(`${A1}${F1}${work('')}- workload: {framework: F1, task: null}\n${A2}`);
    expect(reports[4]!.tasks).toEqual([]);
    expect(offersOf(reports[4]!)).toEqual(['F1 r1 A2']);
  });
});

test('agents makes equal agents, numbered from 1', () => {
  const [, agents] = run(`${F1}- agents: {count: 3, prefix: n, total: "cpus:1;mem:32"}\n`);
  expect(offersOf(agents!)).toEqual(['F1 r1 n1', 'F1 r1 n2', 'F1 r1 n3']);
});

describe('a sorter', () => {
  const head = 'sorter: drf';
  const two =
    '- total: {agent: A1, resources: "cpus:10"}\n- add: {client: a}\n- add: {client: b}\n- activate: {client: a}\n- activate: {client: b}\n';

  test('reports the order and the shares after each step', () => {
    const reports = run(`${two}- allocate: {client: a, resources: "cpus:2"}\n`, head);
    expect(reports.map(({ order }) => order)).toEqual([[], [], [], ['a'], ['a', 'b'], ['b', 'a']]);
    expect(reports[5]!.shares).toEqual({ a: 0.2, b: 0 });
  });

  test('counts a new total of an agent in place of the old one', () => {
    const [last] = run(
      `${two}- allocate: {client: a, resources: "cpus:2"}\n- total: {agent: A1, resources: "cpus:4"}\n`,
      head,
    ).slice(-1);
    expect(last!.shares).toEqual({ a: 0.5, b: 0 });
  });

  test('shows an order that is not as expected', () => {
    const [last] = run(`${two}- expectOrder: {order: [b, a]}\n`, head).slice(-1);
    expect(differenceText('s.yaml', last!)).toBe(
      's.yaml:8: step 6, expectOrder does not hold:\n  different    order: expected b, a, found a, b',
    );
  });

  test.each([
    ['- remove: {client: c}', 's.yaml:8: step 6, remove.client there is no client "c" (clients: a, b)'],
    ['- add: {client: a}', 's.yaml:8: step 6, add.client "a" is there already'],
    [
      '- unallocate: {client: a, resources: "cpus:1"}',
      's.yaml:8: step 6, unallocate.resources "a" does not hold that',
    ],
    [
      '- update: {client: a, from: "cpus:1", to: "cpus(a):1"}',
      's.yaml:8: step 6, update.from "a" does not hold that',
    ],
  ])('refuses %s', (step, message) => {
    expect(() => run(`${two}${step}\n`, head)).toThrow(new ScenarioError(message));
  });
});

describe('beyond Mesos', () => {
  const demanding =
    '- framework: {id: F1, roles: [r1], demand: [{resources: "cpus:1;mem:1024", count: 3}]}\n';
  const launched = (report: StepReport): number => report.tasks.length;

  test('a declared demand trims offers, and tasks that a workload launches lower it', () => {
    const reports = run(
      `${A1}${demanding}- workload: {framework: F1, task: "cpus:1;mem:1024", perOffer: 2}\n- advance: {intervals: 3}\n`,
      'options: {mode: proffer}',
    );
    expect(formatResources(reports[1]!.offers[0]!.resources)).toBe('cpus:3;mem:3072');
    expect(reports.map(launched)).toEqual([0, 0, 2, 1]);
    expect(reports[3]!.offers).toHaveLength(1);
  });

  test('a task that names its ports gets them under a limit that leaves them free', () => {
    const wants = '- workload: {framework: F1, task: "cpus:1;mem:512;ports:[31000-31000]"}\n';
    const node = '- agent: {id: A1, total: "cpus:8;mem:8192;ports:[31000-31003]"}\n';
    const steps = `- quota: {role: r1, guarantee: "", limit: "cpus:1"}\n${F1}${wants}${node}- advance: {intervals: 5}\n`;
    const told = run(`${steps}- expectState: {tasks: {F1: 1}}\n`, 'options: {mode: proffer}');
    expect(told.map((report) => differenceText('s.yaml', report)).join('')).toBe('');
  });

  test('mode proffer turns all of it on, and options still override', () => {
    const offers = (head: string): number[] =>
      run(`${A1}${F1}- advance: {intervals: 31}\n`, head).map(({ rescinded }) => rescinded.length);
    expect(offers('options: {mode: mesos}')).toEqual([0, 0, 0]);
    expect(offers('options: {mode: proffer}')).toEqual([0, 0, 1]);
    expect(offers('options: {mode: proffer, offerTimeout: null}')).toEqual([0, 0, 0]);
  });

  test('a demand where it is off, or of a foreign role, is refused by step and field', () => {
    expect(() => run(demanding)).toThrow(
      /^s\.yaml:3: step 1, framework\.demand: must be null while the option declaredDemand is off/,
    );
    const foreign = demanding.replace('count: 3', 'count: 3, role: x');
    expect(() => run(foreign, 'options: {mode: proffer}')).toThrow(
      's.yaml:3: step 1, framework.demand[0].role: "x" is none of its roles: r1',
    );
  });
});

describe('agents that are away', () => {
  test('are offered again in the batch after they are active', () => {
    const reports = run(
      `${A1}- deactivateAgent: {id: A1}\n${F1}- advance: {}\n- activateAgent: {id: A1}\n- advance: {}\n`,
    );
    expect(reports.map((report) => offersOf(report).length)).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test('are waited for after a failover with quota', () => {
    const reports = run(
      `- quota: {role: q, guarantee: "cpus:1"}\n${F1}- failover: {agents: 2}\n- advance: {}\n${A1}${A2}`,
    );
    expect(reports.map((report) => offersOf(report).length)).toEqual([0, 0, 0, 0, 1, 1]);
  });
});

test('a call that is dropped as a whole says why', () => {
  const [, revive] = run(`${F1}- revive: {framework: F1, roles: [x]}\n`);
  expect(stepText(revive!, 5)).toContain('✗ dropped revive: F1 is not in role "x"; it is in r1');
});

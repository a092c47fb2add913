import { describe, expect, test } from 'vitest';
import {
  differenceText,
  History,
  jsonLine,
  readScenario,
  runScenario,
  sharePicture,
  shareSvg,
  stepText,
  summaryText,
  Totals,
} from './index.ts';
import { axisTop, ticks } from './share-axis.ts';

/** Two roles, a task that ends, an offer that is taken back, an expectation that fails. */
const SHORT = `
options: {offerTimeout: 2}
steps:
- agent: {id: A1, total: "cpus:4;mem:4096;ports:[31000-32000]"}
- framework: {id: F1, roles: [a]}
- accept: {framework: F1, role: a, agent: A1, tasks: [{id: t1, resources: "cpus:1;mem:1024"}, {id: t2, resources: "cpus:8"}], refuseSeconds: 60}
- framework: {id: F2, roles: [b/c]}
- advance: {intervals: 2}
- workload: {framework: F2, task: "cpus:1;mem:512", tasks: 2, seconds: 1}
- advance: {intervals: 5}
- expect: {offers: {F1: {a: {A1: "cpus:4"}}}}
- finish: {task: t1}
`;
const SORTER = `
sorter: drf
steps:
- total: {agent: A1, resources: "cpus:10;mem:10"}
- add: {client: a}
- activate: {client: a}
- allocate: {client: a, resources: "cpus:5"}
- expectOrder: {order: [a]}
`;
/** Many equal agents, so that a step offers more than one wants to read. */
const LARGE = `
steps:
- agents: {count: 40, total: "cpus:4;mem:4096"}
- pause: {}
${Array.from({ length: 20 }, (_, i) => `- framework: {id: F${i}, roles: [role-${i}]}`).join('\n')}
- resume: {}
- advance: {intervals: 9}
`;

function render(text: string, { most = 10, width = 100 } = {}) {
  const totals = new Totals();
  const history = new History();
  let steps = '';
  let lines = '';
  let failed = '';
  for (const report of runScenario(readScenario(text, 's.yaml'))) {
    totals.add(report);
    history.add(report);
    steps += stepText(report, most);
    lines += jsonLine(report);
    failed += differenceText('s.yaml', report);
  }
  const curves = history.curves();
  const end = `${summaryText('s.yaml', totals, curves, most)}\n${sharePicture(curves, width)}`;
  return { table: `${steps}\n${end}`, lines, failed, svg: shareSvg(curves, 'a & b <c>') };
}

describe('golden text', () => {
  test('of a short scenario', async () => {
    const { table, lines, failed, svg } = render(SHORT);
    await expect(`${table}\n${failed}\n`).toMatchFileSnapshot('golden/short.txt');
    await expect(lines).toMatchFileSnapshot('golden/short.jsonl');
    await expect(svg).toMatchFileSnapshot('golden/short.svg');
  });

  test('of a sorter', async () => {
    const { table, lines } = render(SORTER);
    await expect(table).toMatchFileSnapshot('golden/sorter.txt');
    await expect(lines).toMatchFileSnapshot('golden/sorter.jsonl');
  });

  test('of many agents and roles on a narrow terminal', async () => {
    const { table, svg } = render(LARGE, { most: 5, width: 60 });
    await expect(table).toMatchFileSnapshot('golden/large.txt');
    await expect(svg).toMatchFileSnapshot('golden/large.svg');
  });

  test('of a scenario in which nothing happens', async () => {
    const { table, svg } = render('steps: []');
    await expect(table).toMatchFileSnapshot('golden/nothing.txt');
    await expect(svg).toMatchFileSnapshot('golden/nothing.svg');
  });
});

test('a line of JSON has the keys of the format, and others only with something in them', () => {
  const keys = (text: string) =>
    render(text)
      .lines.trim()
      .split('\n')
      .map((line) => Object.keys(JSON.parse(line) as object).join(' '));
  const always = 'step event time offers inverseOffers rescinded shares';
  expect(keys(SHORT)).toEqual([
    always,
    always,
    `${always} tasks`,
    always,
    always,
    `${always} tasks`,
    `${always} ended`,
    `${always} failed`,
    always,
  ]);
  expect(new Set(keys(SORTER))).toEqual(new Set([`${always} order`]));
});

test('the summary says that nobody is preempted where that keeps a role from its guarantee', () => {
  const scenario = (guarantee: string) => `
options: {mode: proffer}
steps:
- agent: {id: A1, total: "cpus:4;mem:4096"}
- quota: {role: late, guarantee: "${guarantee}"}
- framework: {id: F1, roles: [first], demand: [{resources: "cpus:1", count: 9}]}
- workload: {framework: F1, task: "cpus:1"}
- quota: {role: late, guarantee: "cpus:3"}
- framework: {id: F2, roles: [late/deep], demand: [{resources: "cpus:1", count: 9}]}
- workload: {framework: F2, task: "cpus:1"}
- advance: {}
`;
  const words = 'this mode does not preempt';
  expect(render(scenario('cpus:1')).table).toContain(
    `${words}: role late lacks cpus:2 of its guarantee, while others hold more than theirs.\n`,
  );
  expect(render(scenario('cpus:3')).table).not.toContain(words);
});

test('a history of any length is thinned out and keeps its last sample', () => {
  const history = new History();
  const shares = (step: number) => ({ r: step / 10_001 });
  const [report] = runScenario(readScenario('steps: [{pause: {}}]', 's'));
  for (let step = 1; step <= 10_000; step++) {
    history.add({ ...report!, samples: [{ step, time: 0, shares: shares(step) }] });
  }
  const { curves, from, to } = history.curves();
  expect([from, to]).toEqual([1, 10_000]);
  expect(curves[0]!.points.length).toBeLessThan(4100);
  expect(curves[0]!.last).toBe(shares(10_000).r);
});

test('axes end at and stand on round numbers', () => {
  expect([0.03, 0.2, 0.21, 0.5, 0.51, 1, 1.2].map(axisTop)).toEqual([0.05, 0.2, 0.25, 0.5, 1, 1, 2]);
  expect(ticks(0, 360, 8)).toEqual([0, 50, 100, 150, 200, 250, 300, 350]);
  expect(ticks(0, 0.25, 5)).toEqual([0, 0.05, 0.1, 0.15, 0.2, 0.25]);
  expect(ticks(1, 7, 8)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(ticks(3, 3, 8)).toEqual([3]);
});

test('curves of many roles over many steps have a top', () => {
  const shares = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`r${i}`, (i + 1) / 64]));
  const history = new History();
  const [report] = runScenario(readScenario('steps: [{pause: {}}]', 's'));
  history.add({
    ...report!,
    samples: Array.from({ length: 4000 }, (_, time) => ({ step: 1, time, shares })),
  });
  expect(history.curves()).toMatchObject({ top: 1, to: 3999 });
});

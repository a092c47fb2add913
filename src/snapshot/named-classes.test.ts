import { describe, expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aSnapshot } from '../../test/builders/index.ts';
import { NamedClasses } from './named-classes.ts';
import { priorityClassFacts } from './priority-class.ts';
import { runtimeClassFacts } from './runtime-class.ts';
import { jobFacts } from '../frameworks/job/facts.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';

const priority = (name: string, value: number, preemptionPolicy = 'PreemptLowerPriority') =>
  priorityClassFacts({ metadata: { name }, value, preemptionPolicy });
const sandbox = runtimeClassFacts({
  metadata: { name: 'sandbox' },
  overhead: { podFixed: { cpu: '1' } },
});
const classes = new NamedClasses([priority('high', 1000), priority('meek', 50, 'Never')], [sandbox]);

const worker = (name: string, priorityClassName: string) =>
  aGroup(name).specField('priorityClassName', priorityClassName);
const ofPool = (pool: ReturnType<typeof aPool>, maxPriority?: number) =>
  classes.of(poolFacts(pool.build()), { maxPriority }).standing;
const ofJob = (job: ReturnType<typeof aJob>) =>
  classes.of(jobFacts(job.build()), { maxPriority: undefined }).standing;

describe('where a workload stands', () => {
  test('its own priority goes before its class, which still says whether it preempts', () => {
    const pool = aPool('arena').specField('priorityClassName', 'meek');
    expect(ofPool(pool)).toMatchObject({ priority: 50, preempts: false, hold: undefined });
    expect(ofPool(pool.priority(-3))).toMatchObject({ priority: -3, preempts: false });
    expect(ofPool(pool.priority(0))).toMatchObject({ priority: 50 });
  });

  test('its own priority goes as far as its role says, else as far as its class', () => {
    const pool = aPool('arena').specField('priorityClassName', 'meek').priority(60);
    expect(ofPool(pool)).toMatchObject({ priority: 50, asked: 60 });
    expect(ofPool(pool, 55)).toMatchObject({ priority: 55, asked: 60 });
    expect(ofPool(pool, 60)).toMatchObject({ priority: 60, asked: undefined });
  });

  test('a job goes by the least of its groups', () => {
    const job = aJob('learn').group(worker('lead', 'high')).group(worker('worker', 'meek'));
    expect(ofJob(job)).toMatchObject({ priority: 50, preempts: false });
    expect(ofJob(aJob('learn').group(worker('lead', 'high')).group(aGroup('worker')))).toMatchObject({
      priority: 0,
      preempts: true,
    });
  });

  test('each group gets what its own RuntimeClass adds', () => {
    const boxed = aGroup('boxed').cpu('1').specField('runtimeClassName', 'sandbox');
    const { shapes } = ofJob(aJob('learn').group(boxed).group(aGroup('bare').cpu('1')));
    expect(shapes.map(({ demand }) => demand['cpu'])).toEqual([2000, 1000]);
  });

  test.each([
    ['PriorityClass', 'priorityClassName'],
    ['RuntimeClass', 'runtimeClassName'],
  ])('a %s that does not exist holds it, and is named with its field', (kind, field) => {
    const { hold } = ofPool(aPool('arena').specField(field, 'lost'));
    expect(hold).toEqual({
      reason: 'ClassNotUsable',
      message: `template.spec.${field}: there is no ${kind} "lost": create it, or name another`,
    });
  });

  test('a template that cannot be read is not compared with its class', () => {
    const pool = aPool('arena').specField('overhead', { cpu: 'much' });
    expect(ofPool(pool)).toMatchObject({ hold: undefined });
  });
});

describe('in a snapshot', () => {
  const boxes = { overhead: { podFixed: { 'example.com/box': '2', cpu: '500m' } } };
  const pool = aPool('arena').cpu('1').specField('runtimeClassName', 'sandbox');

  test('the overhead counts, also of what no node has', () => {
    const { classes, columns } = aSnapshot().with(aNode('n'), pool).runtimeClass('sandbox', boxes).build();
    expect(classes[0]!.shape.demand).toEqual({ cpu: 1500, pods: 1, 'example.com/box': 2 });
    expect(columns.namesIn(classes[0]!.shape.demand, columns.shared!)).toEqual(['example.com/box']);
  });

  test('a workload that lacks nothing is not held when its class goes', () => {
    const running = aPod('arena-0').on('n').ofPool(pool, 0);
    const snapshot = (replicas: number) =>
      aSnapshot().with(aNode('n'), pool.replicas(replicas), running).build().frameworks[0]!;
    expect(snapshot(1).hold).toBeUndefined();
    expect(snapshot(2).hold?.reason).toBe('ClassNotUsable');
  });

  test('what a template cannot have at all is said first, what the API server said last', () => {
    const refused = { reason: 'PodRefused', message: 'no RuntimeClass' } as const;
    const reason = (odd: boolean) =>
      aSnapshot()
        .with(odd ? aPool('arena').specField('runtimeClassName', 'sandbox').specField('odd', 1) : pool)
        .hold('gsp/games/arena', refused)
        .build().frameworks[0]!.hold?.reason;
    expect(reason(true)).toBe('UnsupportedField');
    expect(reason(false)).toBe('ClassNotUsable');
    const held = aSnapshot().with(pool).runtimeClass('sandbox', {}).hold('gsp/games/arena', refused).build();
    expect(held.frameworks[0]!.hold?.reason).toBe('PodRefused');
  });

  test('of two workloads of a role the one of the higher class is served first', () => {
    const of = (name: string, priorityClassName: string) =>
      aPool(name).cpu('1').specField('priorityClassName', priorityClassName);
    const { frameworks } = aSnapshot()
      .with(of('a', 'low'), of('b', 'high'))
      .priorityClass('low', 1)
      .priorityClass('high', 2_000_001_000, { preemptionPolicy: 'Never' })
      .build();
    expect(frameworks.map(({ priority, preempts }) => [priority, preempts])).toEqual([
      [1, true],
      [2_000_001_000, false],
    ]);
  });
});

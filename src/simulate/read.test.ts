import { describe, expect, test } from 'vitest';
import { parseResources } from '../allocator/resources/resources.ts';
import { readScenario } from './read.ts';
import { CLUSTER_STEPS } from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';

const EVENTS = Object.keys(CLUSTER_STEPS).join(', ');
/** A scenario of one step. */
const step = (text: string): string => `steps:\n- ${text}\n`;

describe('what is no scenario is refused by file, line, step and field', () => {
  test.each<[what: string, text: string, message: string]>([
    ['an empty file', '', 's.yaml: must be a map with "steps:", a list of events'],
    ['a list', '- a', 's.yaml: must be a map with "steps:", a list of events'],
    ['no steps', 'options: {}', 's.yaml:1: steps is missing: a list of events'],
    ['steps that are no list', 'steps: {agent: {}}', 's.yaml:1: steps must be a list'],
    [
      'an unknown top field',
      'option: {}\nsteps: []',
      's.yaml:1: a scenario has no field "option": did you mean options? (fields: options, sorter, steps)',
    ],
    [
      'broken YAML',
      'steps:\n- agent: {id: A1\n',
      's.yaml:3: is no YAML: Flow map in block collection must be sufficiently indented and end with a }',
    ],
    [
      'the same field twice',
      step('agent: {id: A1, id: A2, total: ""}'),
      's.yaml:2: is no YAML: Map keys must be unique',
    ],
    [
      'an unknown event',
      step('agnet: {}'),
      `s.yaml:2: step 1 has no event "agnet": did you mean agent? (events: ${EVENTS})`,
    ],
    [
      'a word of the language that is no event',
      step('constructor: {}'),
      `s.yaml:2: step 1 has no event "constructor" (events: ${EVENTS})`,
    ],
    [
      'two events in one step',
      'steps:\n- pause: {}\n- pause: {}\n  resume: {}\n',
      `s.yaml:3: step 2 must be one event such as "- agent: {...}", not 2: pause, resume (events: ${EVENTS})`,
    ],
    [
      'no event in a step',
      step('{}'),
      `s.yaml:2: step 1 must be one event such as "- agent: {...}", not {} (events: ${EVENTS})`,
    ],
    [
      'a word for a step',
      step('pause'),
      `s.yaml:2: step 1 must be one event such as "- agent: {...}", not "pause" (events: ${EVENTS})`,
    ],
    [
      'an unknown field',
      step('accept: {framework: F, agent: A, rol: r}'),
      's.yaml:2: step 1, accept.role is missing: it must be text (put it in quotes)\n' +
        's.yaml:2: step 1, accept has no field "rol": did you mean role? ' +
        '(fields: framework, agent, role, operations, tasks, refuseSeconds)',
    ],
    [
      'an unknown field further in',
      step('accept: {framework: F, agent: A, role: r, tasks: [{id: t, resource: "cpus:1"}]}'),
      's.yaml:2: step 1, accept.tasks[0].resources is missing: it must be text (put it in quotes)\n' +
        's.yaml:2: step 1, accept.tasks[0] has no field "resource": did you mean resources? (fields: id, resources)',
    ],
    [
      'a number for a name',
      step('removeAgent: {id: 7}'),
      's.yaml:2: step 1, removeAgent.id must be text (put it in quotes), not 7',
    ],
    [
      'an empty name',
      step('removeAgent: {id: ""}'),
      's.yaml:2: step 1, removeAgent.id must not be empty, not ""',
    ],
    [
      'bad resources',
      'steps:\n- pause: {}\n- agent:\n    id: A1\n    total: "cpus=2"\n',
      expect.stringMatching(
        /^s\.yaml:5: step 2, agent\.total "cpus=2": not NAME:VALUE; write NAME/,
      ) as string,
    ],
    [
      'bad resources in a map',
      step('agent: {id: A, total: "", used: {F1: {r: "cpus:x"}}}'),
      expect.stringMatching(/^s\.yaml:2: step 1, agent\.used\.F1\.r "cpus:x": "x" is no number/) as string,
    ],
    [
      'a reservation where amounts are wanted',
      step('quota: {role: r, limit: "cpus(r):1"}'),
      expect.stringMatching(/^s\.yaml:2: step 1, quota\.limit "cpus\(r\):1": not NAME:NUMBER/) as string,
    ],
    [
      'a bad role',
      step('framework: {id: F, roles: [a, b//c]}'),
      's.yaml:2: step 1, framework.roles[1] role "b//c": must not hold two slashes in a row',
    ],
    [
      'a bad role as a key',
      step('framework: {id: F, roles: [a], minAllocatable: {/a: []}}'),
      's.yaml:2: step 1, framework.minAllocatable./a role "/a": must not begin with a slash',
    ],
    [
      'no roles',
      step('framework: {id: F, roles: []}'),
      's.yaml:2: step 1, framework.roles must not be empty, not []',
    ],
    [
      'an unknown capability',
      step('framework: {id: F, roles: [r], capabilities: [GPU]}'),
      expect.stringMatching(
        /capabilities\[0\] must be one of MULTI_ROLE, GPU_RESOURCES, .*, not "GPU"$/,
      ) as string,
    ],
    [
      'a weight of nothing',
      step('weight: {role: r, weight: 0}'),
      's.yaml:2: step 1, weight.weight must be over 0, not 0',
    ],
    [
      'half an interval',
      step('advance: {intervals: 0.5}'),
      's.yaml:2: step 1, advance.intervals must be a whole number, not 0.5',
    ],
    [
      'no interval',
      step('advance: {intervals: 0}'),
      's.yaml:2: step 1, advance.intervals must be at least 1, not 0',
    ],
    [
      'a constraint on nothing',
      step('offerConstraints: {framework: F, role: r, groups: [[{is: exists}]]}'),
      's.yaml:2: step 1, offerConstraints.groups[0][0] must name either an attribute or a property',
    ],
    [
      'a constraint without a value',
      step('offerConstraints: {framework: F, role: r, groups: [[{attribute: a, is: equals}]]}'),
      's.yaml:2: step 1, offerConstraints.groups[0][0] needs a value for equals',
    ],
    [
      'two operations in one',
      step(
        'accept: {framework: F, agent: A, role: r, operations: [{reserve: "cpus(r):1", unreserve: "cpus(r):1"}]}',
      ),
      's.yaml:2: step 1, accept.operations[0] must be one of reserve, unreserve, launch',
    ],
    [
      'a workload of empty tasks',
      step('workload: {framework: F, task: ""}'),
      's.yaml:2: step 1, workload.task must not be empty; null ends the workload',
    ],
    [
      'inverse offers that are a word',
      step('expect: {inverseOffers: {F: A1}}'),
      's.yaml:2: step 1, expect.inverseOffers.F must be a list or a map, not "A1"',
    ],
    [
      'a bad option',
      'options: {roleSorter: fair, interval: 0}\nsteps: []',
      's.yaml:1: options.interval must be at least 0.001, not 0\n' +
        's.yaml:1: options.roleSorter must be one of drf, random, not "fair"',
    ],
    [
      'a demand without count',
      step('framework: {id: F, roles: [r], demand: [{resources: "cpus:1", counts: 3}]}'),
      's.yaml:2: step 1, framework.demand[0].count is missing: it must be a number\n' +
        's.yaml:2: step 1, framework.demand[0] has no field "counts": did you mean count? (fields: resources, count, role)',
    ],
    [
      'an unknown mode',
      'options: {mode: omega}\nsteps: []',
      's.yaml:1: options.mode must be one of mesos, proffer, not "omega"',
    ],
    [
      'an event of the other kind of scenario',
      'sorter: drf\nsteps:\n- pause: {}\n',
      's.yaml:3: step 1 has no event "pause" (events: total, add, remove, activate, deactivate, weight, allocate, ' +
        'unallocate, update, expectOrder)',
    ],
    ['an unknown sorter', 'sorter: lottery\nsteps: []', 's.yaml:1: sorter must be drf, not "lottery"'],
  ])('%s', (_what, text, message) => {
    const read = () => readScenario(text, 's.yaml');
    expect(read).toThrow(ScenarioError);
    expect(read).toThrow(expect.objectContaining({ message }) as Error);
  });

  test('all that is wrong at once, up to twenty problems', () => {
    const text = `steps:\n${'- agnet: {}\n'.repeat(25)}`;
    try {
      readScenario(text, 's.yaml');
      expect.unreachable();
    } catch (error) {
      const lines = (error as Error).message.split('\n');
      expect(lines).toHaveLength(21);
      expect(lines[19]).toMatch(/^s\.yaml:21: step 20 has/);
      expect(lines[20]).toBe('… 5 more');
    }
  });
});

describe('a scenario is read', () => {
  test('from YAML and from JSON alike', () => {
    const yaml = readScenario(step('agent: {id: A1, total: "cpus:2;mem:1024"}'), 's');
    const json = readScenario('{"steps": [\n{"agent": {"id": "A1", "total": "cpus:2;mem:1024"}}]}', 's');
    expect(json).toEqual(yaml);
    expect(yaml.steps).toEqual([
      { kind: 'agent', line: 2, fields: { id: 'A1', total: parseResources('cpus:2;mem:1024', '') } },
    ]);
  });

  test('with each step and option of the format', () => {
    const text = `
options: {mode: mesos, interval: 1, minAllocatable: ["cpus:0.01", "mem:32"], roleSorter: drf, frameworkSorter: drf, fairnessExcluded: [gpus], offerTimeout: null, filterGpuResources: true, seed: 1}
steps:
- agent: {id: A1, hostname: A1, total: "cpus:2;mem:1024", used: {F1: {role1: "cpus:1"}}, capabilities: [MULTI_ROLE, HIERARCHICAL_ROLE], attributes: "rack:r1;zone:a"}
- updateAgent: {id: A1, total: "cpus:4;mem:1024", attributes: "rack:r2"}
- removeAgent: {id: A1}
- framework: {id: F1, roles: [role1], capabilities: [GPU_RESOURCES], minAllocatable: {role1: ["cpus:3"]}, suppressed: [], demand: null}
- updateFramework: {id: F1, roles: [role1, role2]}
- activate: {framework: F1}
- deactivate: {framework: F1}
- removeFramework: {framework: F1}
- weight: {role: a/b, weight: 2}
- quota: {role: q, guarantee: "cpus:2;mem:1024", limit: "cpus:4"}
- recover: {framework: F1, role: role1, agent: A1, resources: "cpus:1", refuseSeconds: 5}
- recoverAll: {}
- suppress: {framework: F1, roles: [role1]}
- revive: {framework: F1}
- convert: {framework: F1, role: role1, agent: A1, from: "cpus:1", to: "cpus(role1):1"}
- reserve: {agent: A1, from: "cpus:1", to: "cpus(role1):1"}
- whitelist: {hostnames: [A1]}
- unavailability: {agent: A1, start: 10, duration: 60}
- inverseAnswer: {framework: F1, agent: A1, accept: true, refuseSeconds: 5}
- offerConstraints: {framework: F1, role: role1, groups: [[{attribute: rack, is: equals, value: r1}]]}
- accept: {framework: F1, agent: A1, role: role1, tasks: [{id: t1, resources: "cpus:1"}], refuseSeconds: 5}
- finish: {task: t1}
- advance: {intervals: 1}
- pause: {}
- resume: {}
- expect: {offers: {F1: {role1: {A1: "cpus:2;mem:1024"}}}, inverseOffers: {}}
`;
    const { steps, options } = readScenario(text, 's.yaml');
    expect(steps).toHaveLength(26);
    expect(options).toMatchObject({ mode: 'mesos', offerTimeout: null, fairnessExcluded: ['gpus'] });
    expect(steps[10]).toMatchObject({ kind: 'recover', line: 14, fields: { refuseSeconds: 5 } });
  });

  test('of a sorter', () => {
    const text = `sorter: drf
steps:
- total: {agent: A1, resources: "cpus:9"}
- add: {client: a}
- activate: {client: a}
- deactivate: {client: a}
- weight: {role: a, weight: 2}
- allocate: {client: a, resources: "cpus:1"}
- update: {client: a, from: "cpus:1", to: "cpus(a):1"}
- unallocate: {client: a, resources: "cpus(a):1"}
- remove: {client: a}
- expectOrder: {order: [a, b/c]}
`;
    const scenario = readScenario(text, 's.yaml');
    expect(scenario.about).toBe('sorter');
    expect(scenario.steps).toHaveLength(10);
  });

  test('with null for a step that says nothing, and 5 seconds for a refusal that says nothing', () => {
    const { steps } = readScenario(
      'steps:\n- pause:\n- recover: {framework: F, role: r, agent: A, resources: ""}\n',
      's',
    );
    expect(steps.map(({ fields }) => fields)).toEqual([{}, expect.objectContaining({ refuseSeconds: 5 })]);
  });
});

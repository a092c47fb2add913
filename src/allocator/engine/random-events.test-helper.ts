import * as fc from 'fast-check';
import { parseAttributes } from './attributes.ts';
import type {
  AgentCapability,
  AttributeConstraint,
  Demand,
  EngineEvent,
  FrameworkCapability,
  Operation,
} from './events.ts';
import type { EngineOptions } from './options.ts';
import type { Offer } from './outcome.ts';
import { parseQuantities, type Quantities } from '../resources/quantities.ts';
import { Resources } from '../resources/resource-bundle.ts';
import { parseResources } from '../resources/resources.ts';

/** Numbers from which the next event is made, given what is out and running. */
export interface Draw {
  readonly kind: keyof typeof KINDS;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** How often each kind comes. */
const KINDS = {
  agent: 3,
  updateAgent: 1,
  removeAgent: 1,
  deactivateAgent: 1,
  activateAgent: 1,
  failover: 1,
  framework: 3,
  updateFramework: 1,
  activate: 1,
  deactivate: 1,
  removeFramework: 1,
  weight: 1,
  quota: 2,
  decline: 3,
  return: 1,
  recoverAll: 1,
  suppress: 1,
  revive: 1,
  convert: 1,
  reserve: 1,
  whitelist: 1,
  unavailability: 1,
  inverseAnswer: 1,
  offerConstraints: 1,
  accept: 4,
  finish: 2,
  batch: 6,
  pause: 1,
  resume: 3,
  wait: 1,
} as const;
const anyKind = fc.oneof(
  ...Object.entries(KINDS).map(([kind, weight]) => ({
    weight,
    arbitrary: fc.constant(kind as keyof typeof KINDS),
  })),
);

const small = fc.integer({ min: 0, max: 999 });
const drawOf = (kind: fc.Arbitrary<Draw['kind']>): fc.Arbitrary<Draw> =>
  fc.record({ kind, a: small, b: small, c: small, d: small });
/** A start that gives most scenarios something to offer and somebody to offer it to, then anything. */
export const anyDraws: fc.Arbitrary<Draw[]> = fc
  .tuple(
    fc.array(drawOf(fc.constantFrom('agent', 'framework', 'quota')), {
      minLength: 4,
      maxLength: 12,
      size: 'max',
    }),
    fc.array(drawOf(anyKind), { maxLength: 70, size: 'max' }),
  )
  .map(([start, rest]) => [...start, ...rest]);

const mins: Record<string, readonly Quantities[]> = {
  mesos: [parseQuantities('cpus:0.01', 'min'), parseQuantities('mem:32', 'min')],
  none: [],
  picky: [parseQuantities('cpus:1;mem:64', 'min'), parseQuantities('ports:3', 'min')],
};
export const anyOptions: fc.Arbitrary<Partial<EngineOptions>> = fc.record({
  seed: fc.integer({ min: 0, max: 99 }),
  interval: fc.constantFrom(1, 1, 2),
  roleSorter: fc.constantFrom('drf', 'drf', 'drf', 'random'),
  frameworkSorter: fc.constantFrom('drf', 'drf', 'drf', 'random'),
  minAllocatable: fc.constantFrom(mins['mesos']!, mins['none']!, mins['picky']!),
  fairnessExcluded: fc.constantFrom([], ['gpus'], ['mem']),
  offerTimeout: fc.constantFrom(null, null, 2, 5),
  filterGpuResources: fc.constantFrom(true, false),
  region: fc.constantFrom(null, 'here'),
  nestedLimits: fc.constantFrom(false, false, true),
  declineBackOff: fc.constantFrom(null, null, 6),
  proportionalCuts: fc.constantFrom(false, false, true),
  declaredDemand: fc.constantFrom(false, false, true),
});

const ROLES = ['a', 'b', 'a/x', 'a/y', 'a/x/q', 'c'];
const AGENTS = ['A1', 'A2', 'A3', 'A4'];
const FRAMEWORKS = ['F1', 'F2', 'F3', 'F4', 'F5'];
const TOTALS = [
  'cpus:4;mem:256',
  'cpus:4;mem:256',
  'cpus:2.5;mem:64;ports:[1-10]',
  'cpus:8;mem:512;disk:100;ports:[1-4,7-9]',
  'cpus:4;mem:256;gpus:2',
  'cpus:4;cpus(a):2;mem:256;mem(b):64',
  'cpus:2;cpus{REV}:3;mem:128',
  'cpus:4;mem:256;disk(a){VOLUME=v,SHARED}:10;cpus(a|a/x):1',
  'cpus:3;mem:100;disk{MOUNT}:30;disk{MOUNT}:50;disk:20',
  'cpus:2;mem:64;zones:{p,q,r}',
  'cpus:0.5;mem:16',
  'mem(a/x):100;ports(a):[1-3];cpus:1',
];
const ATTRIBUTES = ['rack:r1', 'rack:r2', 'rack:r2;rack:r1', 'rack:5', ''];
const GUARANTEES = ['', '', 'cpus:1', 'cpus:3;mem:100', 'mem:64', 'cpus:2;disk:40'];
const LIMITS = [
  '',
  'cpus:3',
  'cpus:4;mem:128',
  'mem:64',
  'cpus:0',
  'cpus:3;mem:300;disk:60;ports:1',
  'gpus:0',
];
const REFUSALS = [null, 0, 1, 1, 2, 3, 5, -1, 1e9];
const CAPABILITIES: readonly (readonly FrameworkCapability[])[] = [
  [],
  [],
  ['GPU_RESOURCES'],
  ['REVOCABLE_RESOURCES', 'SHARED_RESOURCES'],
  ['RESERVATION_REFINEMENT', 'REGION_AWARE', 'SHARED_RESOURCES', 'GPU_RESOURCES'],
];
const AGENT_CAPABILITIES: readonly (readonly AgentCapability[])[] = [
  ...Array.from({ length: 6 }, (): AgentCapability[] => ['MULTI_ROLE', 'HIERARCHICAL_ROLE']),
  ['MULTI_ROLE'],
  [],
];

const pick = <T>(list: readonly T[], index: number): T => list[index % list.length]!;
const bundle = (text: string): Resources => parseResources(text, 'test');
/** Every item with some bits of a number, about half of each amount that can be cut. */
const part = (resources: Resources, bits: number): Resources =>
  Resources.of(
    resources.items
      .filter((_, i) => ((bits >> i) & 1) === 0)
      .map((item) =>
        item.kind.type === 'scalar' && !item.kind.whole && item.kind.name !== 'gpus' && (bits & 64) !== 0
          ? { ...item, amount: Math.ceil(item.amount / 2) }
          : item,
      ),
  );
const rolesOf = (index: number): string[] => [
  ...new Set([pick(ROLES, index), ...(index % 3 === 0 ? [pick(ROLES, index >> 2)] : [])]),
];

const TASKS = [
  'cpus:1;mem:16',
  'cpus:0.5',
  'cpus:2;mem:50;ports:2',
  'mem:40',
  'gpus:1',
  'cpus:1;zones:1',
  'disk:15',
];
const demandOf = (roles: readonly string[], a: number, d: number): Demand[] | null =>
  a % 7 === 0
    ? null
    : [a, d].slice(d % 2).map((draw, i) => ({
        resources: parseQuantities(pick(TASKS, draw + i), ''),
        count: draw % 6,
        role: pick(roles, draw),
      }));

/** What the maker of events has seen. */
export interface Seen {
  readonly declaredDemand: boolean;
  readonly offers: readonly Offer[];
  readonly tasks: readonly string[];
  readonly taskCount: number;
}

/** The event that a draw stands for, and whether time goes on before it. */
export function eventOf({ kind, a, b, c, d }: Draw, seen: Seen): { event: EngineEvent; wait: number } {
  return { event: make(kind, a, b, c, d, seen), wait: kind === 'wait' ? 0.5 : 0 };
}

function make(kind: Draw['kind'], a: number, b: number, c: number, d: number, seen: Seen): EngineEvent {
  const { declaredDemand } = seen;
  const agent = pick(AGENTS, a);
  const framework = pick(FRAMEWORKS, b);
  const role = pick(ROLES, c);
  const refuseSeconds = pick(REFUSALS, d);
  const offer = seen.offers.length === 0 ? undefined : pick(seen.offers, a);
  switch (kind) {
    case 'agent':
      return {
        kind,
        id: agent,
        total: bundle(pick(TOTALS, b)),
        attributes: parseAttributes(pick(ATTRIBUTES, c), ''),
        capabilities: pick(AGENT_CAPABILITIES, d),
        ...(d % 4 === 0
          ? { used: { [pick(FRAMEWORKS, c)]: { [pick(ROLES, a)]: bundle('cpus:1;mem:16') } } }
          : {}),
        ...(c % 5 === 0 ? { region: 'there' } : {}),
      };
    case 'updateAgent':
      return {
        kind,
        id: agent,
        capabilities: pick(AGENT_CAPABILITIES, d),
        ...(b % 2 === 0 ? { total: bundle(pick(TOTALS, c)) } : {}),
        ...(b % 3 === 0 ? { attributes: parseAttributes(pick(ATTRIBUTES, c), '') } : {}),
      };
    case 'removeAgent':
    case 'deactivateAgent':
    case 'activateAgent':
      return { kind, id: agent };
    case 'failover':
      return { kind, agents: b % 6 };
    case 'framework':
    case 'updateFramework': {
      const roles = rolesOf(c);
      const settings = {
        id: framework,
        roles,
        capabilities: pick(CAPABILITIES, d),
        suppressed: a % 4 === 0 ? [roles[0]!] : [],
        ...(a % 5 === 0 ? { minAllocatable: { [roles[0]!]: pick(Object.values(mins), d) } } : {}),
        ...(declaredDemand && a % 3 > 0 ? { demand: demandOf(roles, a, d) } : {}),
      };
      return kind === 'framework' ? { kind, ...settings, active: d % 8 !== 0 } : { kind, ...settings };
    }
    case 'activate':
    case 'deactivate':
    case 'removeFramework':
      return { kind, framework };
    case 'weight':
      return { kind, role, weight: 1 + (a % 4) };
    case 'quota': {
      const limit = parseQuantities(pick(LIMITS, b), '');
      return {
        kind,
        role: a % 3 === 0 ? role : pick(['a', 'b', 'c'], c),
        guarantee: parseQuantities(pick(GUARANTEES, d), ''),
        limit,
      };
    }
    case 'decline':
    case 'return':
      if (offer !== undefined) {
        const resources = kind === 'decline' ? offer.resources : part(offer.resources, b);
        return { kind: 'recover', ...names(offer), resources, refuseSeconds };
      }
      return { kind: 'recover', framework, role, agent, resources: bundle('cpus:0.5'), refuseSeconds };
    case 'recoverAll':
      return { kind };
    case 'suppress':
    case 'revive':
      return { kind, framework, ...(c % 2 === 0 ? { roles: [role] } : {}) };
    case 'convert':
      return offer === undefined
        ? { kind: 'batch' }
        : { kind, ...names(offer), from: bundle('cpus:1'), to: bundle(`cpus(${offer.role}):1`) };
    case 'reserve':
      return c % 2 === 0
        ? { kind, agent, from: bundle('cpus:1'), to: bundle(`cpus(${role}):1`) }
        : { kind, agent, from: bundle(`cpus(${role}):1`), to: bundle('cpus:1') };
    case 'whitelist':
      return { kind, hostnames: a % 4 === 0 ? AGENTS.slice(0, b % 5) : null };
    case 'unavailability':
      return { kind, agent, window: b % 3 === 0 ? null : { start: b, duration: 10 } };
    case 'inverseAnswer':
      return { kind, framework, agent, accept: true, refuseSeconds };
    case 'offerConstraints': {
      const groups: readonly (readonly AttributeConstraint[])[] = [
        [{ attribute: 'rack', is: a % 2 === 0 ? 'equals' : 'notEquals', value: 'r1' }],
        [{ property: 'HOSTNAME', is: 'matches', value: `A[${1 + (d % 4)}]` }],
      ];
      return { kind, framework, role, groups: d % 3 === 0 ? [] : groups };
    }
    case 'accept':
      return acceptOf(offer, b, c, refuseSeconds, seen);
    case 'finish':
      return { kind, task: seen.tasks.length === 0 ? 'none' : pick(seen.tasks, a) };
    case 'pause':
    case 'resume':
    case 'batch':
      return { kind };
    case 'wait':
      return { kind: 'resume' };
  }
}

const names = ({ framework, role, agent }: Offer) => ({ framework, role, agent });

function acceptOf(
  offer: Offer | undefined,
  bits: number,
  c: number,
  refuseSeconds: number | null,
  seen: Seen,
): EngineEvent {
  if (offer === undefined) return { kind: 'batch' };
  const tasks = part(offer.resources, bits).filter((kind) => !kind.revocable);
  const reserved = bundle(`cpus(${offer.role}):${c % 2 === 0 ? 1 : 0.5}`);
  const operations: Operation[] = [];
  if (c % 3 === 0) operations.push({ kind: 'reserve', resources: reserved });
  if (c % 5 === 0)
    operations.push({ kind: 'launch', tasks: [{ id: `r${seen.taskCount}`, resources: reserved }] });
  operations.push({ kind: 'launch', tasks: [{ id: `t${seen.taskCount}`, resources: tasks }] });
  if (c % 4 === 0) operations.push({ kind: 'unreserve', resources: reserved });
  return { kind: 'accept', ...names(offer), operations, refuseSeconds };
}

import { ProfferError } from '../../lib/errors.ts';
import { rangesOf, type Ranges } from './ranges.ts';
import { rangesItem, Resources, scalarItem, setItem, type Item } from './resource-bundle.ts';
import { kindOf, type DiskType, type KindFields } from './resource-kind.ts';
import { isWithin, roleProblem } from '../../lib/role-path.ts';

export { Resources } from './resource-bundle.ts';

/** A text is not a bundle of resources; the message names the field and the grammar. */
export class ResourcesError extends ProfferError {
  readonly code = 'PROFFER_RESOURCES';
}

/** The grammar in one line, for messages and help. */
const RESOURCES_GRAMMAR =
  'NAME[(ROLE[|SUBROLE]...)][{REV|SHARED|PATH|MOUNT|BLOCK|RAW|VOLUME=ID,...}]:VALUE joined by ";", ' +
  'a VALUE is a number (3 decimals count), [FIRST-LAST,...] or {MEMBER,...}; ' +
  'as in cpus:2;mem:1024;ports:[31000-32000];disk{MOUNT}:100;cpus(role):1';

/** Up to here thousandths stay exact, sums over thousands of agents included. */
const MAX_SCALAR = 1e9;
const MAX_RANGE = 2 ** 32;
const DISK_TYPES: readonly string[] = ['PATH', 'MOUNT', 'BLOCK', 'RAW'];
const ITEM = /^([^\s:;(){}[\],|]+)((?:\([^()]*\)|\{[^{}]*\})*):(.*)$/s;

/**
 * Reads resources as Mesos writes them. Names are free; an empty text is an empty bundle.
 * @param field what the text belongs to, for messages @throws ResourcesError
 */
export function parseResources(text: string, field: string): Resources {
  const items: Item[] = [];
  for (const part of splitItems(text)) {
    if (part.trim() !== '') items.push(parseItem(part.trim(), field));
  }
  return Resources.of(items);
}

/** Writes resources so that {@link parseResources} reads them back; equal bundles give equal texts. */
export function formatResources(resources: Resources): string {
  return resources.items.map((item) => `${item.kind.label}:${formatValue(item)}`).join(';');
}

/** A number of thousandths as decimal text. */
const formatAmount = (amount: number): string => String(amount / 1000);

function formatValue(item: Item): string {
  if (item.members !== null) return `{${item.members.join(',')}}`;
  if (item.ranges === null) return formatAmount(item.amount);
  const pairs: string[] = [];
  for (let i = 0; i < item.ranges.length; i += 2) pairs.push(`${item.ranges[i]!}-${item.ranges[i + 1]!}`);
  return `[${pairs.join(',')}]`;
}

function fail(field: string, item: string, problem: string): never {
  throw new ResourcesError(`${field}: "${item}": ${problem}; write ${RESOURCES_GRAMMAR}`);
}

/** Parts a text at its semicolons; none can stand inside an item. */
const splitItems = (text: string): string[] => text.split(';');

function parseItem(text: string, field: string): Item {
  const match = ITEM.exec(text);
  if (match === null) return fail(field, text, 'not NAME:VALUE');
  const [, name = '', marks = '', value = ''] = match;
  const fields = parseMarks(name, marks, (problem) => fail(field, text, problem));
  const trimmed = value.trim();
  if (trimmed.startsWith('[')) {
    const ranges = parseRanges(trimmed, (problem) => fail(field, text, problem));
    return rangesItem(kindOf({ ...fields, type: 'ranges' }), ranges);
  }
  if (trimmed.startsWith('{')) {
    const members = parseSet(trimmed, (problem) => fail(field, text, problem));
    return setItem(kindOf({ ...fields, type: 'set' }), members);
  }
  const amount = parseScalar(trimmed, (problem) => fail(field, text, problem));
  if (name === 'gpus' && amount % 1000 !== 0) return fail(field, text, 'gpus come as whole numbers');
  return scalarItem(kindOf({ ...fields, type: 'scalar' }), amount);
}

type Refuse = (problem: string) => never;

function parseMarks(name: string, marks: string, refuse: Refuse): Omit<KindFields, 'type'> {
  let reservations: readonly string[] = [];
  let disk: DiskType | '' = '';
  let volume = '';
  let shared = false;
  let revocable = false;
  for (const [, roles, flags] of marks.matchAll(/\(([^()]*)\)|\{([^{}]*)\}/g)) {
    if (roles !== undefined) {
      if (reservations.length > 0) refuse('has two reservations; a refinement is written (a|a/b)');
      reservations = parseReservations(roles, refuse);
    } else {
      for (const flag of flags!.split(',').map((word) => word.trim())) {
        if (DISK_TYPES.includes(flag)) disk = flag as DiskType;
        else if (flag === 'REV') revocable = true;
        else if (flag === 'SHARED') shared = true;
        else if (/^VOLUME=[^\s=|]+$/.test(flag)) volume = flag.slice('VOLUME='.length);
        else refuse(`"${flag}" is none of REV, SHARED, PATH, MOUNT, BLOCK, RAW, VOLUME=ID`);
      }
    }
  }
  const reserved = reservations.length > 0;
  if (revocable && reserved) refuse('revocable resources cannot be reserved');
  if (shared && !reserved) refuse('shared resources must be reserved, as in disk(role){SHARED}:10');
  if (volume !== '' && !reserved) refuse('a volume must be reserved, as in disk(role){VOLUME=v1}:10');
  if ((disk !== '' || volume !== '') && name !== 'disk')
    refuse('disk types and volumes are for "disk" alone');
  return { name, reservations, revocable, shared, disk, volume };
}

function parseReservations(text: string, refuse: Refuse): readonly string[] {
  const roles = text.split('|').map((role) => role.trim());
  if (roles.length === 1 && roles[0] === '*') return [];
  for (const [depth, role] of roles.entries()) {
    const problem = role === '*' ? 'nothing can be reserved for "*"' : roleProblem(role);
    if (problem !== undefined) refuse(problem);
    const outer = roles[depth - 1];
    if (outer !== undefined && (role === outer || !isWithin(role, outer))) {
      refuse(`a refinement must name a role below "${outer}", "${role}" is none`);
    }
  }
  return roles;
}

/** A decimal number in thousandths, rounded as Mesos does. */
export function parseScalar(text: string, refuse: Refuse): number {
  if (!/^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) refuse(`"${text}" is no number of 0 or more`);
  const value = Number(text);
  if (value > MAX_SCALAR) refuse(`"${text}" is over ${MAX_SCALAR}`);
  return Math.round(value * 1000);
}

function parseRanges(text: string, refuse: Refuse): Ranges {
  const inner = /^\[(.*)\]$/s.exec(text)?.[1];
  if (inner === undefined) return refuse(`"${text}" is no [FIRST-LAST,...]`);
  if (inner.trim() === '') return [];
  const pairs = inner.split(',').map((pair): [number, number] => {
    const match = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(pair.trim());
    if (match === null) return refuse(`"${pair.trim()}" is no FIRST-LAST`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) refuse(`"${pair.trim()}" ends before it begins`);
    if (last > MAX_RANGE) refuse(`"${pair.trim()}" goes over ${MAX_RANGE}`);
    return [first, last];
  });
  return rangesOf(pairs);
}

function parseSet(text: string, refuse: Refuse): readonly string[] {
  const inner = /^\{(.*)\}$/s.exec(text)?.[1];
  if (inner === undefined) return refuse(`"${text}" is no {MEMBER,...}`);
  const members = inner.split(',').map((member) => member.trim());
  if (members.length === 1 && members[0] === '') return [];
  if (members.includes('')) refuse('a member of the set is empty');
  return [...new Set(members)].sort();
}

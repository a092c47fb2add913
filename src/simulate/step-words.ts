import { formatResources, Resources } from '../allocator/resources/resources.ts';

/** Fields that stand for the step itself, without their name. */
const BARE: readonly string[] = ['id', 'framework', 'agent', 'client', 'role', 'task', 'total', 'resources'];
/** Fields in which null says something; elsewhere it is as good as nothing. */
const NULL_SAYS: readonly string[] = ['task', 'start', 'hostnames'];
const MOST = 72;

function valueText(value: unknown): string {
  if (value === null) return 'none';
  if (value instanceof Resources) return formatResources(value) || 'nothing';
  if (value instanceof Map) {
    return [...value].map(([name, amount]) => `${String(name)}:${Number(amount) / 1000}`).join(';') || 'none';
  }
  if (Array.isArray(value)) return value.map(valueText).join(', ') || 'none';
  if (typeof value === 'object') {
    return Object.values(value).every((inner) => typeof inner === 'string' || inner instanceof Resources)
      ? Object.values(value).map(valueText).join(' ')
      : Object.entries(value)
          .map(([name, inner]) => `${name} ${valueText(inner)}`)
          .join(', ');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A step's fields in a few words: `F1 role1 A1 cpus:1 refuseSeconds 5`. */
export function stepWords(fields: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(fields)
    .filter(([field, value]) => value !== null || NULL_SAYS.includes(field))
    .map(([field, value]) => (BARE.includes(field) ? valueText(value) : `${field} ${valueText(value)}`))
    .join(' ');
  return words.length > MOST ? `${words.slice(0, MOST - 1)}…` : words;
}

import { canonicalJson } from '../lib/hash.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import { DEFAULT_RANGE } from '../snapshot/port-ranges.ts';

/**
 * What a class and all others have in common that no agent tells apart, in one text: they have the same row, and lack the
 * same. Undefined for a class that its labels, its volumes or its failures tell apart.
 * @param rolePath of its framework @param hasRules whether there are rules about other Pods
 * @param volumes what its volumes have in common with those of others; undefined when they tell it apart
 */
export function likeness(
  { shape, scheduling, avoids }: DemandClass,
  rolePath: string | undefined,
  hasRules: boolean,
  volumes: string | undefined,
): string | undefined {
  const { demand, constraints, fixedPorts, dynamicPorts } = shape;
  if (hasRules || volumes === undefined || avoids.size > 0) return undefined;
  const ports = [fixedPorts, dynamicPorts.map(({ range }) => range ?? DEFAULT_RANGE)];
  return canonicalJson({ rolePath: rolePath ?? '', scheduling, demand, constraints, ports, volumes });
}

import { parseScalar, ResourcesError } from './resources.ts';
import { columnOf } from './resource-kind.ts';

/** Amounts by name, in thousandths, whatever the kind. In a limit a name with 0 forbids it, an absent one is free. */
export type Quantities = ReadonlyMap<string, number>;

/**
 * Reads `NAME:NUMBER` joined by ";", as for guarantees, limits and least offers. Names that repeat add up.
 * @param field what the text belongs to, for messages @throws ResourcesError
 */
export function parseQuantities(text: string, field: string): Quantities {
  const quantities = new Map<string, number>();
  for (const part of text.split(';').map((word) => word.trim())) {
    if (part === '') continue;
    const refuse = (problem: string): never => {
      throw new ResourcesError(
        `${field}: "${part}": ${problem}; write NAME:NUMBER joined by ";", as in cpus:2`,
      );
    };
    const match = /^([^\s:;(){}[\],|]+):(.*)$/.exec(part) ?? refuse('not NAME:NUMBER');
    const [, name = '', value = ''] = match;
    quantities.set(name, (quantities.get(name) ?? 0) + parseScalar(value.trim(), refuse));
  }
  return quantities;
}

/** The same amounts by column; absent where none is named. */
export function byColumn(quantities: Quantities): (number | undefined)[] {
  const amounts: (number | undefined)[] = [];
  for (const [name, amount] of quantities) amounts[columnOf(name)] = amount;
  return amounts;
}

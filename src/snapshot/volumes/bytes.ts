import { parseQuantity, toWhole, type Rounding } from '../../lib/quantity.ts';

/**
 * Bytes of a volume. They are no column of the matrices, so that they need not fit into one.
 * @throws QuantityError when the text is not a quantity
 */
export function bytesOf(quantity: string | number | undefined, rounding: Rounding): number {
  return quantity === undefined ? 0 : toWhole(parseQuantity(quantity), rounding);
}

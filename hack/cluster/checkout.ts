import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Root of the checkout that this file lies in. Names of clusters are the checkout's own: another may use the same. */
export const CHECKOUT = realpathSync(join(import.meta.dirname, '../..'));

/** A checkout in few letters, for the names of files. */
export const checkoutId = (checkout: string): string =>
  createHash('sha256').update(checkout).digest('hex').slice(0, 6);

/** Whether there still is a checkout at that place. */
export const checkoutExists = (checkout: string): boolean => existsSync(join(checkout, 'hack/cluster'));

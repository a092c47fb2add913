import * as fc from 'fast-check';

/** The environment variable with the seed of all random cases. Without it each run draws cases of its own. */
export const SEED_VARIABLE = 'PROPERTY_SEED';

const seed = process.env[SEED_VARIABLE];
if (seed !== undefined) {
  if (!/^-?\d+$/.test(seed)) throw new Error(`${SEED_VARIABLE} must be a whole number, not "${seed}"`);
  fc.configureGlobal({ seed: Number(seed) });
}

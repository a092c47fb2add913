import * as fc from 'fast-check';

/** The environment variable with the seed of all random cases. Without it each run draws cases of its own. */
export const SEED_VARIABLE = 'PROPERTY_SEED';

const seed = process.env[SEED_VARIABLE];
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });

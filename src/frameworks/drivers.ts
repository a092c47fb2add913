import type { Drivers } from './driver.ts';
import { jobDriver } from './job/driver.ts';
import { podsDriver } from './pods/driver.ts';
import { poolDriver } from './pool/driver.ts';

/** The drivers of all kinds that there are. */
export const DRIVERS: Drivers = new Map(
  Object.entries({
    GameServerPool: poolDriver,
    TrainingJob: jobDriver,
    Pods: podsDriver,
  }),
);

import { CONDITION } from '../../api/conditions.ts';
import { ENVIRONMENT, LABEL } from '../../api/group.ts';
import { frozenStatus } from '../../plan/frozen-status.ts';
import type { PoolFacts } from './facts.ts';
import { takeEach } from '../common/answer.ts';
import type { WorkloadDriver } from '../common/driver.ts';
import { poolDraft } from './draft.ts';
import { poolStatus } from './status.ts';

const envName = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');

/** Pools of game servers: each server is of use by itself. */
export const poolDriver: WorkloadDriver<PoolFacts> = {
  word: 'server',
  together: () => false,
  draft: poolDraft,
  answer: (bundle) => takeEach(bundle, 'servers than the pool lacks'),
  marks: ({ metadata }, { offer, ports }) => ({
    labels: { [LABEL.pool]: metadata.name },
    environment: offer.demandClass.shape.dynamicPorts.map(({ name }, p) => ({
      name: `${ENVIRONMENT.port}${envName(name)}`,
      value: String(ports[p]),
    })),
  }),
  status(pool, outcome, recovered, now) {
    const { hold } = outcome.framework;
    const status = hold?.freezes
      ? frozenStatus(pool, hold, now, CONDITION.ready)
      : poolStatus(pool, outcome, recovered, now);
    return { status, end: undefined };
  },
};

import { CONDITION } from '../../api/conditions.ts';
import { ANNOTATION, ENVIRONMENT, LABEL } from '../../api/group.ts';
import { frozenStatus } from '../../plan/frozen-status.ts';
import { givenPorts } from '../../snapshot/given-ports.ts';
import type { PoolFacts } from './facts.ts';
import { takeEach } from '../common/answer.ts';
import type { WorkloadDriver } from '../common/driver.ts';
import { poolDraft } from './draft.ts';
import { serverService } from './server-service.ts';
import { foundOf } from './found.ts';
import { poolNews } from './news.ts';
import { poolStatus } from './status.ts';

const envName = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');

/** Pools of game servers: each server is of use by itself. */
export const poolDriver: WorkloadDriver<PoolFacts> = {
  word: 'server',
  together: () => false,
  draft: poolDraft,
  answer: (bundle) => takeEach(bundle, 'servers than the pool lacks'),
  marks: ({ metadata }, { offer, ports }, { addresses }) => ({
    labels: { [LABEL.pool]: metadata.name },
    environment: givenPorts(offer.demandClass.shape.ports, ports).flatMap(({ name, hostPort }) =>
      hostPort === undefined
        ? []
        : [{ name: `${ENVIRONMENT.port}${envName(name)}`, value: String(hostPort) }],
    ),
    annotations: {
      [ANNOTATION.fixedPart]: offer.demandClass.shape.fixedPart ?? '',
      ...(addresses === '' ? {} : { [ANNOTATION.addresses]: addresses }),
    },
  }),
  service: serverService,
  status(pool, outcome, recovered, now) {
    const { hold } = outcome.framework;
    if (hold?.freezes) return { status: frozenStatus(pool, hold, now, CONDITION.ready), news: [] };
    const status = poolStatus(pool, outcome, recovered, now);
    return { status, news: poolNews(pool.status, status, foundOf(outcome.framework)) };
  },
};

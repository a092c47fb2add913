import type { Offer } from '../allocator/engine/outcome.ts';
import { formatResources } from '../allocator/resources/resources.ts';
import type { StepReport } from './report.ts';

const offerObject = ({ framework, role, agent, resources }: Offer) => ({
  framework,
  role,
  agent,
  resources: formatResources(resources),
});

/**
 * A step as one line of JSON. The first keys are always there; `order` only for a sorter; the last ones only when
 * there is something to say.
 * @param file named in the line when several files are run
 */
export function jsonLine(report: StepReport, file?: string): string {
  const { rescindedInverse, tasks, dropped, ended, differences, order } = report;
  const line = {
    ...(file === undefined ? {} : { file }),
    step: report.step,
    event: report.event,
    time: report.time,
    offers: report.offers.map(offerObject),
    inverseOffers: report.inverseOffers.map(({ framework, agent }) => ({ framework, agent })),
    rescinded: report.rescinded.map(({ offer, reason }) => ({ ...offerObject(offer), reason })),
    shares: report.shares,
    ...(order === undefined ? {} : { order }),
    ...(rescindedInverse.length === 0 ? {} : { rescindedInverse }),
    ...(tasks.length === 0 ? {} : { tasks }),
    ...(dropped.length === 0
      ? {}
      : { dropped: dropped.map((drop) => ({ ...drop, resources: formatResources(drop.resources) })) }),
    ...(ended.length === 0 ? {} : { ended }),
    ...(differences === null || differences.length === 0 ? {} : { failed: differences }),
  };
  return `${JSON.stringify(line)}\n`;
}

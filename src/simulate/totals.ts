import type { StepReport } from './report.ts';

/** Counts of one framework over a scenario. */
export interface FrameworkTotals {
  offers: number;
  rescinded: number;
}

/** Counts over a scenario. */
export class Totals {
  steps = 0;
  /** Seconds that passed. */
  time = 0;
  offers = 0;
  inverseOffers = 0;
  rescinded = 0;
  launched = 0;
  /** Expectations, and how many of them did not hold. */
  expected = 0;
  failed = 0;
  running: ReadonlyMap<string, number> = new Map();
  /** How the roles stand. */
  roles: StepReport['roles'] = () => [];
  readonly frameworks = new Map<string, FrameworkTotals>();

  add(report: StepReport): void {
    this.steps++;
    this.time = report.time;
    this.offers += report.offers.length;
    this.inverseOffers += report.inverseOffers.length;
    this.rescinded += report.rescinded.length;
    this.launched += report.tasks.filter(({ state }) => state === 'launched').length;
    this.running = report.running;
    this.roles = report.roles;
    if (report.differences !== null) this.expected++;
    if (report.differences !== null && report.differences.length > 0) this.failed++;
    for (const { framework } of report.offers) this.#of(framework).offers++;
    for (const { offer } of report.rescinded) this.#of(offer.framework).rescinded++;
  }

  #of(framework: string): FrameworkTotals {
    let totals = this.frameworks.get(framework);
    if (totals === undefined) {
      totals = { offers: 0, rescinded: 0 };
      this.frameworks.set(framework, totals);
    }
    return totals;
  }
}

import { EventError } from '../allocator/engine/event-error.ts';
import { OfferEngine } from '../allocator/engine/engine.ts';
import type { EngineEvent } from '../allocator/engine/events.ts';
import type { EngineResult, Offer } from '../allocator/engine/outcome.ts';
import { compareState } from './expected-state.ts';
import { OfferLedger } from './offer-ledger.ts';
import { engineOptions, type ScenarioOptions } from './options-schema.ts';
import { QUIET, type Difference, type Sample, type StepReport, type TaskReport } from './report.ts';
import { RunningTasks } from './running-tasks.ts';
import type { ClusterStep } from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';
import { stepWords } from './step-words.ts';
import { toEvent, type EventStep } from './to-event.ts';
import { tasksFor, type Workload } from './workload.ts';
import { append } from '../lib/unbounded.ts';

type FieldsOf<Kind extends ClusterStep['kind']> = Extract<ClusterStep, { kind: Kind }>['fields'];

/** What a step has led to so far. */
interface Gathered {
  readonly offers: EngineResult['offers'][number][];
  readonly inverseOffers: EngineResult['inverseOffers'][number][];
  readonly rescinded: EngineResult['rescinded'][number][];
  readonly rescindedInverse: EngineResult['rescindedInverse'][number][];
  readonly tasks: TaskReport[];
  readonly dropped: EngineResult['dropped'][number][];
  readonly ended: StepReport['ended'][number][];
  readonly samples: Sample[];
  differences: Difference[] | null;
}

/** A scenario at work: the engine, and around it the clock, the workloads and what was made since the last expect. */
export class ClusterRun {
  readonly #file: string;
  readonly #interval: number;
  readonly #engine: OfferEngine;
  /** Batches so far; the clock is this many intervals. */
  #batches = 0;
  /** Steps so far. */
  #steps = 0;
  readonly #ledger = new OfferLedger();
  readonly #workloads = new Map<string, Workload>();
  readonly #launched = new Map<string, number>();
  readonly #tasks = new RunningTasks();
  readonly #watch: (step: number, time: number) => void;

  /** @param file for messages @param watch told of every batch, so that a long step can show how far it is */
  constructor(file: string, options: ScenarioOptions, watch: (step: number, time: number) => void) {
    const settings = engineOptions(options);
    this.#file = file;
    this.#interval = settings.interval;
    this.#engine = new OfferEngine(settings);
    this.#watch = watch;
  }

  /** Does one step and all that follows from it. @throws ScenarioError if it cannot be */
  step(step: ClusterStep): StepReport {
    this.#steps++;
    const gathered: Gathered = { ...emptyGathered(), differences: null };
    try {
      this.#do(step, gathered);
    } catch (error) {
      if (!(error instanceof EventError)) throw error;
      const place = `${this.#file}:${step.line}: step ${this.#steps}`;
      throw new ScenarioError(`${place}, ${error.message}`, { cause: error });
    }
    const shares = this.#engine.shares();
    const time = this.#time();
    if (gathered.samples.length === 0) gathered.samples.push({ step: this.#steps, time, shares });
    return {
      ...QUIET,
      step: this.#steps,
      line: step.line,
      event: step.kind,
      // What was expected is told when it does not hold.
      words: step.kind === 'expect' ? '' : stepWords(step.fields),
      time,
      shares,
      running: this.#tasks.counts,
      roles: () => this.#engine.roles(),
      ...gathered,
    };
  }

  #do(step: ClusterStep, gathered: Gathered): void {
    if (step.kind === 'advance') {
      for (let i = 0; i < step.fields.intervals; i++) this.#batch(gathered);
    } else if (step.kind === 'expect') {
      gathered.differences = this.#ledger.settle(step.fields.offers, step.fields.inverseOffers);
    } else if (step.kind === 'expectState') {
      const tasks = (framework: string) => this.#tasks.countOf(framework);
      gathered.differences = compareState(step.fields, this.#engine.shares(), tasks);
    } else if (step.kind === 'workload') this.#work(step.fields, gathered);
    else if (step.kind === 'agents') this.#agents(step.fields, gathered);
    else this.#event(step, gathered);
  }

  #agents({ count, prefix, ...settings }: FieldsOf<'agents'>, gathered: Gathered): void {
    for (let i = 1; i <= count; i++) {
      const result = this.#apply({ kind: 'agent', id: `${prefix}${i}`, ...settings }, gathered);
      this.#answer(result.offers, gathered);
    }
  }

  #event(step: EventStep, gathered: Gathered): void {
    const result = this.#apply(toEvent(step), gathered);
    if (step.kind === 'accept') this.#note(result, step.fields, gathered);
    else if (step.kind === 'finish') this.#tasks.finish(step.fields.task);
    else if (step.kind === 'removeAgent') this.#tasks.drop(({ agent }) => agent === step.fields.id);
    else if (step.kind === 'removeFramework') {
      this.#tasks.drop(({ framework }) => framework === step.fields.framework);
      this.#workloads.delete(step.fields.framework);
    }
    this.#answer(result.offers, gathered);
  }

  /** One interval passes. */
  #batch(gathered: Gathered): void {
    this.#batches++;
    for (const ending of this.#tasks.takeEnding(this.#batches)) {
      this.#apply({ kind: 'finish', task: ending.task }, gathered);
      this.#tasks.finish(ending.task);
      gathered.ended.push(ending);
    }
    this.#answer(this.#apply({ kind: 'batch' }, gathered).offers, gathered);
    gathered.samples.push({ step: this.#steps, time: this.#time(), shares: this.#engine.shares() });
    this.#watch(this.#steps, this.#time());
  }

  #work(fields: FieldsOf<'workload'>, gathered: Gathered): void {
    const { framework, task, tasks, perOffer, seconds, refuseSeconds } = fields;
    if (task === null) {
      this.#workloads.delete(framework);
      return;
    }
    this.#workloads.set(framework, {
      task,
      left: tasks ?? Infinity,
      perOffer: perOffer ?? Infinity,
      seconds,
      refuseSeconds,
    });
    this.#answer(this.#engine.outstanding(), gathered);
  }

  /** Answers those offers that are made to workloads. Answers make no offers, so one pass is all. */
  #answer(offers: readonly Offer[], gathered: Gathered): void {
    for (const offer of offers) {
      const { framework, agent, role } = offer;
      const workload = this.#workloads.get(framework);
      if (workload === undefined) continue;
      const tasks = tasksFor(workload, offer, () => this.#nextId(framework));
      workload.left -= tasks.length;
      const result = this.#apply(
        {
          kind: 'accept',
          framework,
          agent,
          role,
          offers: [offer.id],
          operations: tasks.length === 0 ? [] : [{ kind: 'launch', tasks }],
          refuseSeconds: workload.refuseSeconds,
        },
        gathered,
      );
      this.#note(result, offer, gathered);
      if (workload.seconds === null) continue;
      const last = this.#batches + Math.max(1, Math.ceil(workload.seconds / this.#interval - 1e-9));
      for (const { id } of tasks) this.#tasks.endAt(id, last);
    }
  }

  #nextId(framework: string): string {
    const number = (this.#launched.get(framework) ?? 0) + 1;
    this.#launched.set(framework, number);
    return `${framework}#${number}`;
  }

  /** Remembers what became of the tasks of an accept. */
  #note(
    result: EngineResult,
    { framework, agent }: Pick<Offer, 'framework' | 'agent'>,
    gathered: Gathered,
  ): void {
    for (const outcome of result.tasks) {
      gathered.tasks.push({ ...outcome, framework });
      if (outcome.state === 'launched') this.#tasks.start(outcome.task, { framework, agent });
    }
  }

  #apply(event: EngineEvent, gathered: Gathered): EngineResult {
    const result = this.#engine.apply(event, this.#time());
    append(gathered.offers, result.offers);
    append(gathered.inverseOffers, result.inverseOffers);
    append(gathered.rescinded, result.rescinded);
    append(gathered.rescindedInverse, result.rescindedInverse);
    append(gathered.dropped, result.dropped);
    this.#ledger.add(result.offers, result.inverseOffers);
    return result;
  }

  /** Seconds, without the noise of adding up fractions. */
  #time(): number {
    return Math.round(this.#batches * this.#interval * 1e6) / 1e6;
  }
}

function emptyGathered(): Omit<Gathered, 'differences'> {
  return {
    offers: [],
    inverseOffers: [],
    rescinded: [],
    rescindedInverse: [],
    tasks: [],
    dropped: [],
    ended: [],
    samples: [],
  };
}

import { DrfSorter } from '../allocator/roles/drf-sorter.ts';
import { columnsOf } from '../allocator/resources/resource-kind.ts';
import { Resources } from '../allocator/resources/resources.ts';
import type { Client } from '../allocator/roles/sorter-node.ts';
import { SorterTotals } from '../allocator/roles/sorter-totals.ts';
import { compareOrder } from './expected-state.ts';
import type { ScenarioOptions } from './options-schema.ts';
import { QUIET, type Difference, type Shares, type StepReport } from './report.ts';
import type { SorterStep } from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';
import { stepWords } from './step-words.ts';

/** A scenario that is about a sorter alone, at work. */
export class SorterRun {
  readonly #file: string;
  readonly #totals = new SorterTotals();
  readonly #sorter: DrfSorter<null>;
  readonly #agents = new Map<string, Resources>();
  readonly #clients = new Map<string, { readonly client: Client<null>; held: Resources }>();
  #steps = 0;

  /** @param file for messages */
  constructor(file: string, options: ScenarioOptions) {
    this.#file = file;
    this.#sorter = new DrfSorter(this.#totals, columnsOf(options.fairnessExcluded ?? []));
  }

  /** Does one step. @throws ScenarioError if it cannot be */
  step(step: SorterStep): StepReport {
    this.#steps++;
    const differences = this.#do(step);
    const order = this.#sorter.order();
    const shares: Shares = Object.fromEntries(
      [...this.#clients].map(([path, { client }]) => [path, this.#sorter.shareOf(client)]),
    );
    return {
      ...QUIET,
      step: this.#steps,
      line: step.line,
      event: step.kind,
      words: stepWords(step.fields),
      time: 0,
      shares,
      samples: [{ step: this.#steps, time: 0, shares }],
      order,
      differences,
    };
  }

  #do(step: SorterStep): Difference[] | null {
    switch (step.kind) {
      case 'total': {
        const { agent, resources } = step.fields;
        this.#totals.remove(this.#agents.get(agent) ?? Resources.empty);
        this.#totals.add(resources);
        this.#agents.set(agent, resources);
        return null;
      }
      case 'add': {
        const path = step.fields.client;
        if (this.#clients.has(path)) this.#refuse(step, 'client', `"${path}" is there already`);
        this.#clients.set(path, { client: this.#sorter.add(path, null), held: Resources.empty });
        return null;
      }
      case 'remove':
        this.#sorter.remove(this.#find(step, step.fields.client).client);
        this.#clients.delete(step.fields.client);
        return null;
      case 'activate':
        this.#sorter.activate(this.#find(step, step.fields.client).client);
        return null;
      case 'deactivate':
        this.#sorter.deactivate(this.#find(step, step.fields.client).client);
        return null;
      case 'weight':
        this.#sorter.setWeight(step.fields.role, step.fields.weight);
        return null;
      case 'allocate': {
        const { client, resources, agent = '' } = step.fields;
        const found = this.#find(step, client);
        this.#sorter.allocate(found.client, agent, resources);
        found.held = found.held.plus(resources);
        return null;
      }
      case 'unallocate': {
        const { client, resources, agent = '' } = step.fields;
        const found = this.#find(step, client);
        if (!found.held.contains(resources))
          this.#refuse(step, 'resources', `"${client}" does not hold that`);
        this.#sorter.unallocate(found.client, agent, resources);
        found.held = found.held.minus(resources);
        return null;
      }
      case 'update': {
        const { client, from, to, agent = '' } = step.fields;
        const found = this.#find(step, client);
        if (!found.held.contains(from)) this.#refuse(step, 'from', `"${client}" does not hold that`);
        this.#sorter.update(found.client, agent, from, to);
        found.held = found.held.minus(from).plus(to);
        return null;
      }
      case 'expectOrder':
        return compareOrder(step.fields.order, this.#sorter.order());
    }
  }

  #find(step: SorterStep, path: string) {
    const found = this.#clients.get(path);
    if (found !== undefined) return found;
    const known = [...this.#clients.keys()].join(', ') || 'none';
    return this.#refuse(step, 'client', `there is no client "${path}" (clients: ${known})`);
  }

  #refuse(step: SorterStep, field: string, problem: string): never {
    throw new ScenarioError(
      `${this.#file}:${step.line}: step ${this.#steps}, ${step.kind}.${field} ${problem}`,
    );
  }
}

import { columnOf } from '../resources/resource-kind.ts';
import type { AgentClass, AgentState } from './state.ts';

const GPUS = columnOf('gpus');

/** The classes of agents that were met: one object for all agents that are alike. */
export class AgentClasses {
  readonly #known = new Map<number, AgentClass>();
  readonly #region: string | null;

  /** @param region the master's; null = no agent is remote */
  constructor(region: string | null) {
    this.#region = region;
  }

  of(agent: Pick<AgentState, 'total' | 'region' | 'capabilities'>): AgentClass {
    const hasGpus = agent.total.items.some(({ kind }) => kind.column === GPUS);
    const remote = this.#region !== null && agent.region !== null && agent.region !== this.#region;
    const multiRole = agent.capabilities.has('MULTI_ROLE');
    const hierarchicalRole = agent.capabilities.has('HIERARCHICAL_ROLE');
    const key = Number(hasGpus) + 2 * Number(remote) + 4 * Number(multiRole) + 8 * Number(hierarchicalRole);
    let known = this.#known.get(key);
    if (known === undefined) {
      known = {
        hasGpus,
        remote,
        multiRole,
        hierarchicalRole,
        refused: new Map(),
        refusedRoom: -1,
      };
      this.#known.set(key, known);
    }
    return known;
  }
}

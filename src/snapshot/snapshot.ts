import type { AgentHealth } from '../recovery/health.ts';
import type { AdmittedClasses } from './admitted.ts';
import type { AgentFacts } from './agent.ts';
import type { DemandClass, Framework } from './framework.ts';
import type { NamedClasses } from './named-classes.ts';
import type { NamespaceLabels } from './pod-rules.ts';
import type { NodePorts } from './ports.ts';
import type { PreemptionMemory } from './preemption.ts';
import type { ResourceColumns } from './resources.ts';
import type { RoleAccounts } from './role-account.ts';
import type { Role } from './roles.ts';
import type { Services } from './service.ts';
import type { PodFacts } from './task.ts';
import type { Storage } from './volumes/storage.ts';

/** One immutable picture of the cluster. n agents, k classes, R resource columns. */
export interface Snapshot {
  readonly now: number;
  readonly columns: ResourceColumns;
  /** Sorted by name; the position is the agent's number. */
  readonly agents: readonly AgentFacts[];
  /** S, n x R: what each agent can still give; never negative. */
  readonly supply: Float64Array;
  /** n x R: allocatable. */
  readonly allocatable: Float64Array;
  /** R: sum of allocatable over the agents, the base of dominant shares. */
  readonly total: Float64Array;
  /** Host ports in use on each agent. */
  readonly ports: readonly NodePorts[];
  readonly health: readonly AgentHealth[];
  readonly frameworks: readonly Framework[];
  readonly classes: readonly DemandClass[];
  /** Sorted by path. */
  readonly roles: readonly Role[];
  /** Every Pod, bound or not, in no order. */
  readonly pods: readonly PodFacts[];
  /** Those of them that are bound and whose rules have a say in where others may go. */
  readonly ruling: readonly PodFacts[];
  /** Those of them that are bound, have not ended and use claims. */
  readonly claimants: readonly PodFacts[];
  /** Those of them that are on their way out. */
  readonly leaving: readonly PodFacts[];
  /** Those of them that are asked to go. */
  readonly asked: readonly PodFacts[];
  readonly storage: Storage;
  /** Number of an agent by its name. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly namespaces: NamespaceLabels;
  readonly services: Services;
  readonly accounts: RoleAccounts;
  /** The classes that Pods can name. */
  readonly named: NamedClasses;
  /** Amounts that the tasks of each framework hold, by column. */
  readonly held: readonly Float64Array[];
  readonly preemption: PreemptionMemory;
  /** What the API server makes of Pods of ours; undefined when nobody asks it. */
  readonly admitted: AdmittedClasses | undefined;
}

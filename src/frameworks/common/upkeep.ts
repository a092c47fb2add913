import type { Retention } from '../../plan/claim-upkeep.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { LabelSelector } from '../../snapshot/reading/objects.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { TaskService } from '../../snapshot/task-service.ts';
import type { Workload } from '../../snapshot/workload.ts';

/** What is kept for workloads of a kind beside their tasks. */
export interface Upkeep {
  /** Of kinds whose templates are kept. */
  readonly history?: History;
  /** Of kinds whose tasks get marks, or lose them, after they were made. */
  readonly markings?: Markings;
  /** Of kinds whose tasks have volumes of their own. */
  readonly claims?: Claims;
  /** Of kinds whose tasks a drain must not end: how they are kept. */
  readonly guard?: Guard;
  /** Of kinds that end: when one that ended is deleted. */
  readonly expiry?: Expiry;
  /** Of kinds whose tasks find each other by names. */
  readonly peers?: PeerNames;
  /** Of kinds whose tasks log in to each other. */
  readonly keys?: Keys;
}

/** What gives the tasks of a workload their names. */
export interface PeerNames {
  /** A Service of the workload's own name; undefined for one that has none. */
  service(workload: Workload): TaskService | undefined;
}

/** The Secret by which the tasks of a workload log in to each other; undefined for one that has none. */
export type Keys = (workload: Workload) => SecretFiles | undefined;

/** A Secret that is made once. */
export interface SecretFiles {
  readonly name: string;
  /** Its files, by their names. */
  files(pair: KeyPair): Readonly<Record<string, string>>;
}

/** A key of SSH, both parts as OpenSSH has them in files. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** What is kept of the templates of a kind of workloads, so that people can go back to one. */
export interface History {
  /** Label that bears the name of the workload. */
  readonly label: string;
  /** Another text when a workload may have another template than before, or may have ceased to use one. */
  mark(workload: Workload): string;
  /** What stands of a workload now; undefined for one of which nothing is placed. */
  current(workload: Workload): Template | undefined;
}

/** A template that is kept. */
export interface Template {
  readonly revision: string;
  /** What a workload is patched with to go back to it. */
  readonly data: object;
  /** How many are kept that no task has any more. */
  readonly limit: number;
}

/** What marks are to be changed on the tasks of a workload. @param framework it as a cycle saw it */
export type Markings = (workload: Workload, framework: Pick<Framework, 'live' | 'found'>) => Marking[];

/** What is to be changed in the metadata of a Pod; null takes a name off. */
export interface Marking {
  readonly pod: PodFacts;
  readonly metadata: Readonly<Record<'labels' | 'annotations', Readonly<Record<string, string | null>>>>;
}

/** When a workload is deleted by itself, ms since the epoch; undefined while it is to stay. */
export type Expiry = (workload: Workload) => number | undefined;

/** What is kept of the claims that tasks have for themselves. */
export interface Claims {
  /** Label of claims that bears the name of the workload. */
  readonly label: string;
  /** How long those stay that are of slots. */
  retention(workload: Workload): Retention;
}

/** What keeps tasks of a workload from being drained. */
export interface Guard {
  /** Label of its budgets, and of its tasks, that bears the name of the workload. */
  readonly label: string;
  /** Undefined while it needs none. */
  budget(workload: Workload): BudgetSpec | undefined;
}

/** Spec of a PodDisruptionBudget. */
export interface BudgetSpec {
  readonly minAvailable: number;
  readonly selector: LabelSelector;
}

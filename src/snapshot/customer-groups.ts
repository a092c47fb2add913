import type { CustomerFacts } from './customer.ts';
import type { PodFacts } from './task.ts';
import type { TaskShape } from './workload.ts';

/** A Pod that names our scheduler. */
export type CustomerPod = PodFacts & { readonly customer: CustomerFacts };

/** What has a say in how the Pods of a framework are read, and does not stand in them. */
export interface CustomerGroup {
  /** Roles that gangs of its name draw on. */
  readonly gangRoles: readonly string[];
  /** Whether labels that number Pods tell them apart. */
  readonly numbered: boolean;
}

/** A Pod that waits to be bound. */
export type WaitingPod = CustomerPod & { readonly customer: { readonly shape: TaskShape } };

import type { Cluster } from './cluster.ts';
import type { AgentState, FrameworkState, RoleAccount } from './state.ts';

/** Whether an agent can be offered under a role at all: to several roles, and to nested ones. */
export const takesRole = (
  { class: { multiRole, hierarchicalRole } }: AgentState,
  { parent }: RoleAccount,
): boolean => multiRole && (hierarchicalRole || parent === null);

/** Whether a framework can make use of an agent: of its gpus, and of its region. */
export function suits(
  { options }: Cluster,
  { class: { hasGpus, remote } }: AgentState,
  { capabilities }: FrameworkState,
): boolean {
  if (hasGpus && options.filterGpuResources && !capabilities.has('GPU_RESOURCES')) return false;
  return !remote || capabilities.has('REGION_AWARE');
}

import type { Cluster } from './cluster.ts';
import { holdingOf } from './holdings.ts';
import { EventError } from './event-error.ts';
import { roleProblem } from '../../lib/role-path.ts';
import type { AgentState, FrameworkState, Holding } from './state.ts';

/** Refuses an event. @param field what is wrong, such as `recover.agent` */
export function refuse(field: string, problem: string): never {
  throw new EventError(`${field}: ${problem}`);
}

/** @param kind of the event @param name of its field */
export function agentOf(cluster: Cluster, id: string, kind: string, name = 'agent'): AgentState {
  return (
    cluster.agents.get(id) ??
    refuse(`${kind}.${name}`, `there is no agent "${id}"${known(cluster.agents.keys())}`)
  );
}

/** @param kind of the event @param name of its field */
export function frameworkOf(cluster: Cluster, id: string, kind: string, name = 'framework'): FrameworkState {
  return (
    cluster.frameworks.get(id) ??
    refuse(`${kind}.${name}`, `there is no framework "${id}"${known(cluster.frameworks.keys())}`)
  );
}

/** What a framework has on an agent under a role. @param kind of the event, for messages */
export function namedHolding(
  cluster: Cluster,
  names: { readonly framework: string; readonly role: string; readonly agent: string },
  kind: string,
): Holding {
  const framework = frameworkOf(cluster, names.framework, kind);
  const agent = agentOf(cluster, names.agent, kind);
  const membership = framework.memberships.get(names.role);
  if (membership === undefined) {
    return refuse(
      `${kind}.role`,
      `${framework.id} is not in role "${names.role}"${known(framework.memberships.keys())}`,
    );
  }
  return (
    holdingOf(agent, membership) ??
    refuse(`${kind}.resources`, `${framework.id} holds nothing of ${agent.id} under ${names.role}`)
  );
}

export function checkId(id: string, field: string): void {
  if (id === '' || /[/\s]|[^!-~\u0080-\uffff]/.test(id))
    refuse(field, `"${id}" must not be empty or hold slashes or spaces`);
}

export function checkRole(role: string, field: string): void {
  const problem = roleProblem(role);
  if (problem !== undefined) refuse(field, problem);
}

/** At most a few names, to find the one that was meant. */
function known(names: Iterable<string>): string {
  const some = [...names].slice(0, 5);
  return some.length === 0 ? '' : `; there is ${some.join(', ')}`;
}

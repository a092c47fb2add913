import type { AttributeConstraint, EngineEvent, Operation } from '../allocator/engine/events.ts';
import type { ConstraintFields } from './cluster-steps.ts';
import type { ClusterStep } from './scenario.ts';

/** Steps that move the clock, look, answer offers, or stand for many. */
type WrapperKind = 'advance' | 'expect' | 'expectState' | 'workload' | 'agents';
/** A step that the engine is told of. */
export type EventStep = Exclude<ClusterStep, { kind: WrapperKind }>;

/** Steps whose fields are those of the event. The return type of {@link toEvent} proves it for each. */
type AsWritten<Step> = Step extends { kind: infer Kind; fields: infer Fields }
  ? { kind: Kind } & Fields
  : never;

/** The schema has made sure that there is one subject, and a value where one is needed. */
function constraintOf({ attribute, property, is, value }: ConstraintFields): AttributeConstraint {
  const subject = property === undefined ? { attribute } : { property };
  return { ...subject, is, ...(value === undefined ? {} : { value }) } as AttributeConstraint;
}

type AcceptFields = Extract<ClusterStep, { kind: 'accept' }>['fields'];

function operationsOf({ operations = [], tasks }: AcceptFields): Operation[] {
  const given = operations.flatMap(({ reserve, unreserve, launch }): Operation[] => [
    ...(reserve === undefined ? [] : [{ kind: 'reserve' as const, resources: reserve }]),
    ...(unreserve === undefined ? [] : [{ kind: 'unreserve' as const, resources: unreserve }]),
    ...(launch === undefined ? [] : [{ kind: 'launch' as const, tasks: launch }]),
  ]);
  return tasks === undefined ? given : [...given, { kind: 'launch', tasks }];
}

/** The engine's event for a step. */
export function toEvent(step: EventStep): EngineEvent {
  if (step.kind === 'unavailability') {
    const { agent, start, duration } = step.fields;
    if (start === null) return { kind: step.kind, agent, window: null };
    return {
      kind: step.kind,
      agent,
      window: typeof duration === 'number' ? { start, duration } : { start },
    };
  }
  if (step.kind === 'offerConstraints') {
    const { groups, ...rest } = step.fields;
    return { kind: step.kind, ...rest, groups: groups.map((group) => group.map(constraintOf)) };
  }
  if (step.kind === 'accept') {
    const { framework, agent, role, refuseSeconds } = step.fields;
    return { kind: step.kind, framework, agent, role, operations: operationsOf(step.fields), refuseSeconds };
  }
  return { kind: step.kind, ...step.fields } as AsWritten<typeof step>;
}

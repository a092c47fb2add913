import type { Attribute } from './attributes.ts';
import type { AttributeConstraint, AttributePredicate } from './events.ts';
import { EventError } from './event-error.ts';

/** What constraints can look at. */
export interface Constrained {
  readonly hostname: string;
  readonly region: string | null;
  readonly zone: string | null;
  readonly attributes: readonly Attribute[];
}

/** A test of agents. */
export type AgentTest = (agent: Constrained) => boolean;

// Bounds that keep matching cheap: this engine backtracks, unlike RE2, and time grows with the text's length to the
// power of the repetitions.
const LONGEST_PATTERN = 100;
const MOST_REPETITIONS = 3;

/**
 * Makes a test of groups of constraints: an agent passes when all constraints of one group hold. null = no groups,
 * every agent passes. @param field for messages @throws EventError when a pattern cannot be used
 */
export function compileConstraints(
  groups: readonly (readonly AttributeConstraint[])[],
  field: string,
): AgentTest | null {
  if (groups.length === 0) return null;
  const compiled = groups.map((group, g) =>
    group.map((constraint, c) => compile(constraint, `${field}[${g}][${c}]`)),
  );
  return (agent) => compiled.some((group) => group.every((test) => test(agent)));
}

function compile(constraint: AttributeConstraint, field: string): AgentTest {
  const test = predicate(constraint, field);
  if ('attribute' in constraint) {
    const { attribute: name } = constraint;
    return (agent) => test(agent.attributes.find((attribute) => attribute.name === name));
  }
  const { property } = constraint;
  return (agent) => {
    const value = propertyOf(agent, property);
    return test(value === null ? undefined : { name: property, type: 'text', value });
  };
}

function propertyOf(agent: Constrained, property: 'HOSTNAME' | 'REGION' | 'ZONE'): string | null {
  switch (property) {
    case 'HOSTNAME':
      return agent.hostname;
    case 'REGION':
      return agent.region;
    case 'ZONE':
      return agent.zone;
  }
}

/** An absent attribute fails the affirmative tests and passes the negated ones; one that is no text passes both. */
function predicate(constraint: AttributePredicate, field: string): (value: Attribute | undefined) => boolean {
  switch (constraint.is) {
    case 'exists':
      return (value) => value !== undefined;
    case 'notExists':
      return (value) => value === undefined;
    case 'equals':
      return onText((text) => text === constraint.value, false);
    case 'notEquals':
      return onText((text) => text !== constraint.value, true);
    case 'matches': {
      const pattern = patternOf(constraint.value, field);
      return onText((text) => pattern.test(text), false);
    }
    case 'notMatches': {
      const pattern = patternOf(constraint.value, field);
      return onText((text) => !pattern.test(text), true);
    }
  }
}

const onText =
  (test: (text: string) => boolean, absent: boolean) =>
  (value: Attribute | undefined): boolean => {
    if (value === undefined) return absent;
    return value.type !== 'text' || test(value.value);
  };

/** The whole text must match. What RE2, which Mesos uses, cannot do is refused, and what could take long here. */
function patternOf(source: string, field: string): RegExp {
  const refuse = (problem: string): never => {
    throw new EventError(`${field}.value: the pattern "${source}" ${problem}`);
  };
  if (source.length > LONGEST_PATTERN) refuse(`is longer than ${LONGEST_PATTERN} characters`);
  if (/\\[1-9k]|\(\?(?!:)/.test(source))
    refuse('uses back-references or look-around, which are not supported');
  const bare = source.replaceAll(/\\.|\[[^\]]*\]/gs, 'x');
  if ((bare.match(/[*+{]/g) ?? []).length > MOST_REPETITIONS)
    refuse(`repeats more than ${MOST_REPETITIONS} times`);
  if (/\)[*+{]/.test(bare)) refuse('repeats a group; repeat single characters or classes instead');
  try {
    return new RegExp(`^(?:${source})$`, 'su');
  } catch (error) {
    return refuse(`is no regular expression: ${error instanceof Error ? error.message : String(error)}`);
  }
}

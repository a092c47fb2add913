import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { notAmong, pathText, problemsOf } from './issues.ts';
import {
  CLUSTER_STEPS,
  headSchema,
  SORTER_STEPS,
  type ClusterStep,
  type Scenario,
  type SorterStep,
} from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';

/** Most problems that are told at once. */
const MOST_PROBLEMS = 20;
const TOP_FIELDS = ['options', 'sorter', 'steps'];

/** A file on its way to a scenario: where things stand in it, and what is wrong. */
class Reading {
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #problems: string[] = [];

  constructor(file: string, document: Document, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  /** The line of the innermost part of a path that the file has. */
  line(path: readonly PropertyKey[]): number {
    for (let depth = path.length; depth > 0; depth--) {
      const node = this.#document.getIn(path.slice(0, depth), true) as { range?: [number] } | undefined;
      if (node?.range) return this.#lines.linePos(node.range[0]).line;
    }
    return 1;
  }

  /** @param field what it is about, or empty */
  problem(path: readonly PropertyKey[], field: string, sentence: string): void {
    this.#problems.push(`${this.#file}:${this.line(path)}: ${field}${field === '' ? '' : ' '}${sentence}`);
  }

  /** Checks a value, telling every problem. @param place its path in the file @param title how messages call it */
  check<Schema extends z.ZodType>(
    schema: Schema,
    value: unknown,
    place: readonly PropertyKey[],
    title: string,
  ): z.output<Schema> | undefined {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const { path, sentence } of problemsOf(result.error, schema, value)) {
      const below = pathText(path);
      const join = title === '' || below === '' || below.startsWith('[') ? '' : '.';
      this.problem([...place, ...path], `${title}${join}${below}`, sentence);
    }
    return undefined;
  }

  /** @throws ScenarioError if there was a problem */
  end(): void {
    if (this.#problems.length === 0) return;
    const more = this.#problems.length - MOST_PROBLEMS;
    throw new ScenarioError(
      [...this.#problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`… ${more} more`] : [])].join('\n'),
    );
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A step of a kind that the schemas know. */
interface ReadStep {
  readonly kind: string;
  readonly fields: unknown;
  readonly line: number;
}

/** Reads one step. @param place its number, from 0 */
function readStep(
  reading: Reading,
  schemas: Readonly<Record<string, z.ZodType>>,
  value: unknown,
  place: number,
): ReadStep | undefined {
  const path = ['steps', place];
  const title = `step ${place + 1}`;
  const known = Object.keys(schemas);
  const kinds = isMap(value) ? Object.keys(value) : [];
  const [kind] = kinds;
  if (!isMap(value) || kind === undefined || kinds.length > 1) {
    const found = kinds.length > 1 ? `${kinds.length}: ${kinds.join(', ')}` : JSON.stringify(value);
    reading.problem(
      path,
      title,
      `must be one event such as "- ${known[0]}: {...}", not ${found} (events: ${known.join(', ')})`,
    );
    return undefined;
  }
  // `Object.hasOwn`, since "constructor" is no event.
  const schema = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  if (schema === undefined) {
    reading.problem(path, title, `has no event "${kind}"${notAmong(kind, known, 'events')}`);
    return undefined;
  }
  // `pause:` without braces is as good as `pause: {}`.
  const fields = reading.check(schema, value[kind] ?? {}, [...path, kind], `${title}, ${kind}`);
  return fields === undefined ? undefined : { kind, fields, line: reading.line(path) };
}

/**
 * Reads a scenario, in YAML or JSON.
 * @param file its name, for messages @throws ScenarioError that tells all that is wrong, a line each
 */
export function readScenario(text: string, file: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reading = new Reading(file, document, lines);
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new ScenarioError(`${file}:${lines.linePos(broken.pos[0]).line}: is no YAML: ${broken.message}`);
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // Such as aliases that would grow without bounds.
    throw new ScenarioError(`${file}: is no YAML: ${(error as Error).message}`, { cause: error });
  }
  if (!isMap(value)) throw new ScenarioError(`${file}: must be a map with "steps:", a list of events`);
  for (const field of Object.keys(value)) {
    if (TOP_FIELDS.includes(field)) continue;
    reading.problem(
      [field],
      '',
      `a scenario has no field "${field}"${notAmong(field, TOP_FIELDS, 'fields')}`,
    );
  }
  const { steps: list, options = {}, sorter } = value;
  const head = reading.check(headSchema, { options, ...(sorter === undefined ? {} : { sorter }) }, [], '');
  if (!Array.isArray(list)) {
    reading.problem(
      ['steps'],
      'steps',
      list === undefined ? 'is missing: a list of events' : 'must be a list',
    );
  }
  const read = (schemas: Readonly<Record<string, z.ZodType>>): ReadStep[] =>
    (Array.isArray(list) ? list : [])
      .map((step: unknown, i) => readStep(reading, schemas, step, i))
      .filter((step) => step !== undefined);
  const given = head?.options ?? {};
  // The fields of a step are what the schema of its kind makes, which is how the types of steps are defined.
  const scenario: Scenario =
    sorter === undefined
      ? { about: 'cluster', file, options: given, steps: read(CLUSTER_STEPS) as ClusterStep[] }
      : { about: 'sorter', file, options: given, steps: read(SORTER_STEPS) as SorterStep[] };
  reading.end();
  return scenario;
}

import { parseQuantity, QuantityError } from '../../lib/quantity.ts';
import { record } from '../../lib/record.ts';

/** Most faults of one object that are kept: the others are of no use to anybody. */
const MOST_FAULTS = 8;
/** Deepest that an object is looked into. What Kubernetes serves is far flatter. */
const DEEPEST = 32;

/** Reads one object: where it is in it, and what could not be read so far. */
export class Reading {
  readonly faults: string[] = [];
  readonly path: (string | number)[] = [];

  /** What stands here cannot be read. @param why such as `must be a list` */
  fault(why: string): undefined {
    const at = this.path.length === 0 ? '' : `${pathText(this.path)}: `;
    if (this.faults.length < MOST_FAULTS) this.faults.push(`${at}${why}`);
    return undefined;
  }

  /** Reads what stands under a key of this place; null is absent. */
  at<T>(key: string | number, value: unknown, schema: Schema<T>): T | undefined {
    if (value === undefined || value === null) return undefined;
    if (this.path.length === DEEPEST) return this.fault('lies too deep');
    this.path.push(key);
    const read = schema(value, this);
    this.path.pop();
    return read;
  }
}

/** Writes a path as people do: `spec.containers[0].env`, `metadata.labels[example.com/team]`. */
const pathText = (path: readonly (string | number)[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'string' && /^[a-zA-Z]+$/.test(part)) return text === '' ? part : `${text}.${part}`;
    return `${text}[${part}]`;
  }, '');

/** Reads a value that is not null; what cannot be read is a fault, and absent. */
export type Schema<T> = (value: unknown, reading: Reading) => T | undefined;

/** A text; what is no Unicode in it is replaced as the API server does, so that whoever encodes it does not throw. */
export const text: Schema<string> = (value, reading) =>
  typeof value === 'string' ? value.toWellFormed() : reading.fault('must be a text');

/** A name of another object, which is as good as none when it is empty. */
export const reference: Schema<string> = (value, reading) => text(value, reading) || undefined;

export const flag: Schema<boolean> = (value, reading) =>
  typeof value === 'boolean' ? value : reading.fault('must be true or false');

export const whole: Schema<number> = (value, reading) =>
  Number.isSafeInteger(value) ? (value as number) : reading.fault('must be a whole number');

/** An amount in the grammar of Kubernetes. */
export const quantity: Schema<string | number> = (value, reading) => {
  if (typeof value !== 'string' && typeof value !== 'number') return reading.fault('must be a quantity');
  try {
    parseQuantity(value);
    return value;
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    return reading.fault(error.message);
  }
};

/** Something that is there, whatever it is. */
export const present: Schema<true> = () => true;

/** Every item that can be read. An item that is null is one that cannot. */
export const list =
  <T>(item: Schema<T>): Schema<readonly T[]> =>
  (value, reading) => {
    if (!Array.isArray(value)) return reading.fault('must be a list');
    const out: T[] = [];
    for (let i = 0; i < value.length; i++) {
      const read = reading.at(i, value[i] ?? MISSING, item);
      if (read !== undefined) out.push(read);
    }
    return out;
  };

/** Stands for a null item: nothing reads it. */
const MISSING = Symbol('null');

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A map with keys of users, as a record without prototype. */
export const mapOf =
  <T>(item: Schema<T>): Schema<Readonly<Record<string, T>>> =>
  (value, reading) => {
    if (!isMap(value)) return reading.fault('must be a map');
    const out = record<T>();
    for (const key of Object.keys(value)) {
      const read = reading.at(key, value[key], item);
      if (read !== undefined) out[key] = read;
    }
    return out;
  };

/** A schema for each field of an interface: one that is forgotten is an error of the compiler. */
export type Fields<T> = { readonly [K in keyof T]-?: Schema<NonNullable<T[K]>> };

/**
 * A map with known fields; others are left out. Without one of the required fields it cannot be read at all.
 * @param required fields that the interface does not leave open
 */
export function object<T extends object>(
  fields: Fields<T>,
  required: readonly (keyof T & string)[] = [],
): Schema<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (value, reading) => {
    if (!isMap(value)) return reading.fault('must be a map');
    const out: Partial<Record<keyof T, unknown>> = {};
    for (const name of names) {
      const its = value[name];
      if (its === undefined || its === null) continue;
      const read = reading.at(name, its, fields[name] as Schema<unknown>);
      if (read !== undefined) out[name] = read;
    }
    for (const name of required) {
      if (out[name] !== undefined) continue;
      if (value[name] === undefined || value[name] === null) reading.at(name, MISSING, missing);
      return undefined;
    }
    return out as T;
  };
}

const missing: Schema<never> = (_, reading) => reading.fault('is missing');

/** An object as far as it can be read, and what of it cannot: `path: why`, at most a few. */
export interface Read<T> {
  readonly value: T | undefined;
  readonly faults: readonly string[];
}

/** Reads a whole object. @param path of it, when it is a part of another one */
export function read<T>(schema: Schema<T>, value: unknown, path: readonly string[] = []): Read<T> {
  const reading = new Reading();
  reading.path.push(...path);
  const read = value === undefined || value === null ? reading.fault('is missing') : schema(value, reading);
  return { value: read, faults: reading.faults };
}

/** What every kind of facts says of its reading. */
export interface Faulty {
  /** What of the object cannot be read; it counts as far as it can. Almost always empty. */
  readonly faults: readonly string[];
}

import type { Bundle, Resources } from '../resources/resource-bundle.ts';
import type { Client } from './sorter-node.ts';

/** How consumers are ordered: by dominant share, or by lot. */
export type SorterKind = 'drf' | 'random';

/** The order in which consumers are served. A walk is fixed when it starts; what is allocated meanwhile counts in the next. */
export interface Sorter<T> {
  /**
   * Adds an inactive client.
   * @param rank comes before the share among siblings, the highest first; 0 when left out
   */
  add(path: string, payload: T, rank?: number): Client<T>;
  remove(client: Client<T>): void;
  activate(client: Client<T>): void;
  deactivate(client: Client<T>): void;
  /** Weight of a path, over 0; it need not exist yet. */
  setWeight(path: string, weight: number): void;
  /**
   * Adds what a client gets.
   * @param agent scopes shared things, which count once per agent
   * @param times how many allocations of the bundle it gets; 1 when left out
   */
  allocate(client: Client<T>, agent: string, bundle: Bundle, times?: number): void;
  unallocate(client: Client<T>, agent: string, resources: Resources): void;
  /** Replaces a part of the allocation by another form. */
  update(client: Client<T>, agent: string, from: Resources, to: Resources): void;
  /** Sets the bits that {@link next} can look for; new clients bear all. */
  mark(client: Client<T>, marks: number): void;
  /** Starts a walk over the active clients. @param keys name the walk, for sorters that draw lots */
  start(...keys: readonly number[]): void;
  /** The next client that bears one of the marks, or null at the end. */
  next(marks: number): Client<T> | null;
  /**
   * How many allocations of a bundle, one after the other, the client that next() gave can have until somebody else
   * is due that bears one of the marks: what serving it once and asking again would come to, all at once.
   * @param most the answer is 1 to this
   */
  turn(client: Client<T>, bundle: Bundle, most: number, marks: number): number;
  /** Dominant share of a client, weight included. */
  shareOf(client: Client<T>): number;
}

/** Marks of a client that nobody marked. */
export const ALL_MARKS = 7;

import type { Resources } from '../resources/resource-bundle.ts';
import type { SorterNode } from './sorter-node.ts';

/** How consumers are ordered: by dominant share, or by lot. */
export type SorterKind = 'drf' | 'random';

/** A consumer in a sorter. */
export interface Client<T> {
  readonly path: string;
  readonly payload: T;
  /** The leaf that stands for it; another one after a child came or went below its path. */
  node: SorterNode<T>;
}

/** The order in which consumers are served. A walk is fixed when it starts; what is allocated meanwhile counts in the next. */
export interface Sorter<T> {
  /** Adds an inactive client. */
  add(path: string, payload: T): Client<T>;
  remove(client: Client<T>): void;
  activate(client: Client<T>): void;
  deactivate(client: Client<T>): void;
  /** Weight of a path, over 0; it need not exist yet. */
  setWeight(path: string, weight: number): void;
  /** @param agent scopes shared things, which count once per agent */
  allocate(client: Client<T>, agent: string, resources: Resources): void;
  unallocate(client: Client<T>, agent: string, resources: Resources): void;
  /** Replaces a part of the allocation by another form. */
  update(client: Client<T>, agent: string, from: Resources, to: Resources): void;
  /** Sets the bits that {@link next} can look for; new clients bear all. */
  mark(client: Client<T>, marks: number): void;
  /** Starts a walk over the active clients. @param keys name the walk, for sorters that draw lots */
  start(...keys: readonly number[]): void;
  /** The next client that bears one of the marks, or null at the end. */
  next(marks: number): Client<T> | null;
  /** Dominant share of a client, weight included. */
  shareOf(client: Client<T>): number;
}

/** Marks of a client that nobody marked. */
export const ALL_MARKS = 7;

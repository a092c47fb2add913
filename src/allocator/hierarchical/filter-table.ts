import type { Tick } from './clock.ts';
import type { Resources } from './resource-bundle.ts';

const NONE = -1;
const EMPTY_KEY = -1;
const DELETED_KEY = -2;
const FIRST_SIZE = 8;

/**
 * The refusals of one framework under one role: for an agent (by slot) the bundles that it does not want again
 * until some tick. Flat arrays, about 25 bytes a refusal; those whose time is over are dropped when the table is
 * next packed, at the latest when it would grow.
 */
export class FilterTable {
  // Open addressing: agent slot -> first entry.
  #keys = new Int32Array(FIRST_SIZE).fill(EMPTY_KEY);
  #heads = new Int32Array(FIRST_SIZE);
  #usedKeys = 0;
  // Entries, chained per agent.
  #resources: Resources[] = [];
  #ends: Float64Array = new Float64Array(FIRST_SIZE);
  #nexts = new Int32Array(FIRST_SIZE);

  /** Refusals whose time is not over. */
  count(now: Tick): number {
    let count = 0;
    for (let i = 0; i < this.#keys.length; i++) {
      if (this.#keys[i]! < 0) continue;
      for (let at = this.#heads[i]!; at !== NONE; at = this.#nexts[at]!) if (this.#ends[at]! > now) count++;
    }
    return count;
  }

  add(slot: number, resources: Resources, end: Tick, now: Tick): void {
    let index = this.#find(slot);
    if (index >= 0) {
      for (let at = this.#heads[index]!; at !== NONE; at = this.#nexts[at]!) {
        // A refusal whose time is over, or that the new one covers for as long, makes room for it.
        const over = this.#ends[at]! <= now;
        if (over || (this.#ends[at]! <= end && resources.contains(this.#resources[at]!))) {
          this.#resources[at] = resources;
          this.#ends[at] = end;
          return;
        }
      }
    }
    if (this.#resources.length === this.#ends.length || (this.#usedKeys + 1) * 4 > this.#keys.length * 3) {
      this.#pack(now);
      index = this.#find(slot);
    }
    const entry = this.#resources.length;
    this.#resources.push(resources);
    this.#ends[entry] = end;
    if (index < 0) {
      index = ~index;
      this.#usedKeys++;
      this.#keys[index] = slot;
      this.#nexts[entry] = NONE;
    } else this.#nexts[entry] = this.#heads[index]!;
    this.#heads[index] = entry;
  }

  /** Drops the refusals of one agent. @returns whether there were any */
  delete(slot: number): boolean {
    const index = this.#find(slot);
    if (index < 0) return false;
    this.#keys[index] = DELETED_KEY;
    return true;
  }

  /** Until when a bundle of an agent is refused; 0 = it is not. */
  refusedUntil(slot: number, offer: Resources, now: Tick): Tick {
    const index = this.#find(slot);
    if (index < 0) return 0;
    for (let at = this.#heads[index]!; at !== NONE; at = this.#nexts[at]!) {
      if (this.#ends[at]! > now && this.#resources[at]!.contains(offer)) return this.#ends[at]!;
    }
    return 0;
  }

  /** The place of a slot, or the complement of the place where it would go. */
  #find(slot: number): number {
    const mask = this.#keys.length - 1;
    let index = (Math.imul(slot, 0x9e3779b1) >>> 8) & mask;
    for (;;) {
      const key = this.#keys[index]!;
      if (key === slot) return index;
      if (key === EMPTY_KEY) return ~index;
      index = (index + 1) & mask;
    }
  }

  /** Drops what is over or deleted, and makes room for as much again. */
  #pack(now: Tick): void {
    const keys = this.#keys;
    const heads = this.#heads;
    const resources = this.#resources;
    const ends = this.#ends;
    const nexts = this.#nexts;
    let live = 0;
    for (let i = 0; i < keys.length; i++) {
      if (keys[i]! < 0) continue;
      for (let at = heads[i]!; at !== NONE; at = nexts[at]!) if (ends[at]! > now) live++;
    }
    let size = FIRST_SIZE;
    while (size < live * 2) size *= 2;
    this.#keys = new Int32Array(size * 2).fill(EMPTY_KEY);
    this.#heads = new Int32Array(size * 2);
    this.#usedKeys = 0;
    this.#resources = [];
    this.#ends = new Float64Array(size);
    this.#nexts = new Int32Array(size);
    for (let i = 0; i < keys.length; i++) {
      if (keys[i]! < 0) continue;
      for (let at = heads[i]!; at !== NONE; at = nexts[at]!) {
        if (ends[at]! > now) this.add(keys[i]!, resources[at]!, ends[at]!, now);
      }
    }
  }
}

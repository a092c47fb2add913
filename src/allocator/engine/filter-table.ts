import type { Tick } from './clock.ts';
import type { Resources } from '../resources/resource-bundle.ts';

const EMPTY = -1;
const DELETED = -2;
const FIRST_SIZE = 8;

/**
 * The refusals of one framework under one role: for an agent (by slot) the bundles that it does not want again
 * until some tick. One open-addressed table in flat arrays, 20 bytes a place, at most three quarters full; an agent
 * with several refusals has several places. Those whose time is over go when the table would grow.
 */
export class FilterTable {
  #slots = new Int32Array(FIRST_SIZE).fill(EMPTY);
  #ends = new Float64Array(FIRST_SIZE);
  #bundles: (Resources | undefined)[] = placesFor(FIRST_SIZE);
  /** Places that are not empty. */
  #taken = 0;

  /** Refusals whose time is not over. */
  count(now: Tick): number {
    let count = 0;
    for (let at = 0; at < this.#slots.length; at++)
      if (this.#slots[at]! >= 0 && this.#ends[at]! > now) count++;
    return count;
  }

  /** Whether anything of an agent is refused. */
  has(slot: number, now: Tick): boolean {
    const mask = this.#slots.length - 1;
    for (let at = homeOf(slot, mask); this.#slots[at] !== EMPTY; at = (at + 1) & mask) {
      if (this.#slots[at] === slot && this.#ends[at]! > now) return true;
    }
    return false;
  }

  add(slot: number, bundle: Resources, end: Tick, now: Tick): void {
    const mask = this.#slots.length - 1;
    let at = homeOf(slot, mask);
    for (; this.#slots[at] !== EMPTY; at = (at + 1) & mask) {
      if (this.#slots[at] !== slot) continue;
      // A refusal whose time is over, or that the new one covers for as long, makes room for it.
      const over = this.#ends[at]! <= now;
      if (over || (this.#ends[at]! <= end && bundle.contains(this.#bundles[at]!))) {
        this.#bundles[at] = bundle;
        this.#ends[at] = end;
        return;
      }
    }
    if ((this.#taken + 1) * 4 > this.#slots.length * 3) {
      this.#pack(now);
      this.#place(slot, bundle, end);
    } else this.#put(at, slot, bundle, end);
  }

  /** Drops the refusals of one agent. @returns whether there were any */
  delete(slot: number): boolean {
    const mask = this.#slots.length - 1;
    let some = false;
    for (let at = homeOf(slot, mask); this.#slots[at] !== EMPTY; at = (at + 1) & mask) {
      if (this.#slots[at] !== slot) continue;
      this.#slots[at] = DELETED;
      this.#bundles[at] = undefined;
      some = true;
    }
    return some;
  }

  /** Until when a bundle of an agent is refused; 0 = it is not. */
  refusedUntil(slot: number, offer: Resources, now: Tick): Tick {
    const mask = this.#slots.length - 1;
    for (let at = homeOf(slot, mask); this.#slots[at] !== EMPTY; at = (at + 1) & mask) {
      if (this.#slots[at] === slot && this.#ends[at]! > now && this.#bundles[at]!.contains(offer)) {
        return this.#ends[at]!;
      }
    }
    return 0;
  }

  #put(at: number, slot: number, bundle: Resources, end: Tick): void {
    this.#slots[at] = slot;
    this.#bundles[at] = bundle;
    this.#ends[at] = end;
    this.#taken++;
  }

  #place(slot: number, bundle: Resources, end: Tick): void {
    const mask = this.#slots.length - 1;
    let at = homeOf(slot, mask);
    while (this.#slots[at] !== EMPTY) at = (at + 1) & mask;
    this.#put(at, slot, bundle, end);
  }

  /** Drops what is over or deleted, and makes room for at least half as much again. */
  #pack(now: Tick): void {
    const slots = this.#slots;
    const ends = this.#ends;
    const bundles = this.#bundles;
    let size = FIRST_SIZE;
    const live = this.count(now);
    while (size < live * 2) size *= 2;
    this.#slots = new Int32Array(size).fill(EMPTY);
    this.#ends = new Float64Array(size);
    this.#bundles = placesFor(size);
    this.#taken = 0;
    for (let at = 0; at < slots.length; at++) {
      if (slots[at]! >= 0 && ends[at]! > now) this.#place(slots[at]!, bundles[at]!, ends[at]!);
    }
  }
}

const homeOf = (slot: number, mask: number): number => (Math.imul(slot, 0x9e3779b1) >>> 7) & mask;

/** An array of that many places, of exactly the size. */
function placesFor(size: number): (Resources | undefined)[] {
  const places: (Resources | undefined)[] = [];
  places.length = size;
  return places;
}

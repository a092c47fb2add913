/** Says whether a group of vacancies has one in a slot. */
type HasVacancy = (slot: number) => boolean;

/**
 * Names for new Pods: of its base and slot, or the first `-rN` of it that no Pod has. A name says by itself which base
 * and slot it is of, so that only vacancies of the same base and slot compete for it. Those whose group was opened
 * first have the first choice. So no two get one name, and the same objects give the same names whoever asks first.
 */
export class PodNames {
  readonly #taken: Pick<ReadonlySet<string>, 'has'>;
  readonly #groups = new Map<string, readonly HasVacancy[]>();

  /** @param taken namespace/name of every Pod */
  constructor(taken: Pick<ReadonlySet<string>, 'has'>) {
    this.#taken = taken;
  }

  /**
   * Opens a group of vacancies whose names begin alike.
   * @param has asked when a name is made, of groups that were opened before
   * @param suffix what follows the slot
   * @returns gives the name for a slot in which the group has a vacancy
   */
  open(namespace: string, base: string, has: HasVacancy, suffix = ''): (slot: number) => string {
    const key = `${namespace}/${base}`;
    const before = this.#groups.get(key) ?? [];
    this.#groups.set(key, [...before, has]);
    return (slot) => {
      const plain = `${base}-${slot}${suffix}`;
      let others = before.filter((each) => each(slot)).length;
      for (let n = 0; ; n++) {
        const name = n === 0 ? plain : `${plain}-r${n}`;
        if (this.#taken.has(`${namespace}/${name}`)) continue;
        if (others === 0) return name;
        others--;
      }
    };
  }
}

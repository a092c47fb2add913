import { API_VERSION } from '../../src/api/group.ts';
import type { Manifest } from './pool.ts';
import { ago } from './time.ts';

/**
 * Makes an OfferRole as a user would write it. Every namespace may draw on it, with any priority, unless it is told
 * otherwise: most tests are about other things.
 */
export class RoleBuilder {
  readonly #name: string;
  readonly #spec: Record<string, unknown> = { namespaces: { selector: {} }, maxPriority: 1000 };

  constructor(name: string) {
    this.#name = name;
  }

  weight(weight: number): this {
    return this.field('weight', weight);
  }

  parent(name: string): this {
    return this.field('parent', name);
  }

  guarantee(amounts: Readonly<Record<string, string>>): this {
    return this.field('guarantee', amounts);
  }

  limit(amounts: Readonly<Record<string, string>>): this {
    return this.field('limit', amounts);
  }

  /** Keeps resources on nodes with a label; call it once for each reservation. */
  reserve(label: string, value: string, resources: Readonly<Record<string, string>>): this {
    const before = (this.#spec['reservations'] ?? []) as readonly unknown[];
    return this.field('reservations', [...before, { nodeSelector: { [label]: value }, resources }]);
  }

  /** Only these namespaces may draw on it; without names that of its own name alone. */
  ownedBy(...names: readonly string[]): this {
    if (names.length > 0) return this.field('namespaces', { names });
    delete this.#spec['namespaces'];
    return this;
  }

  /** Priorities go as far as those of PriorityClasses. */
  withoutPriority(): this {
    delete this.#spec['maxPriority'];
    return this;
  }

  /** Any other field of the spec. */
  field(name: string, value: unknown): this {
    this.#spec[name] = value;
    return this;
  }

  build(): Manifest {
    return {
      apiVersion: API_VERSION,
      kind: 'OfferRole',
      metadata: {
        name: this.#name,
        uid: `uid-or-${this.#name}`,
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: ago(600),
      },
      spec: { ...this.#spec },
    };
  }
}

export const aRole = (name: string): RoleBuilder => new RoleBuilder(name);

import { API_VERSION } from '../../src/api/group.ts';
import type { Manifest } from './pool.ts';
import { ago } from './time.ts';

/** Makes an OfferRole as a user would write it; its weight is the schema's default when left out. */
export class RoleBuilder {
  readonly #name: string;
  readonly #spec: Record<string, unknown> = {};

  constructor(name: string) {
    this.#name = name;
  }

  weight(weight: number): this {
    return this.field('weight', weight);
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

import { parseAttributes } from './attributes.ts';
import { OfferEngine } from './engine.ts';
import type { EngineEvent, FrameworkSettings, Operation, Unavailability } from './events.ts';
import type { EngineOptions } from './options.ts';
import type { EngineResult, Offer } from './outcome.ts';
import { parseQuantities } from '../resources/quantities.ts';
import { formatResources, parseResources } from '../resources/resources.ts';

type AgentExtras = Partial<
  Omit<Extract<EngineEvent, { kind: 'agent' }>, 'kind' | 'id' | 'total' | 'used' | 'attributes'>
> & {
  attributes?: string;
  used?: Record<string, Record<string, string>>;
};
/** What a step of a story made, as short texts: `framework role agent resources`. */
export interface Told {
  readonly offers: string[];
  readonly inverse: string[];
  readonly rescinded: string[];
  readonly result: EngineResult;
}

/** An engine that is told things in few words, and says what came of them in few words. */
export class Story {
  readonly engine: OfferEngine;
  readonly interval: number;
  now = 0;

  constructor(options: Partial<EngineOptions> = {}) {
    this.engine = new OfferEngine(options);
    this.interval = options.interval ?? 1;
  }

  tell(event: EngineEvent): Told {
    const result = this.engine.apply(event, this.now);
    return {
      result,
      offers: result.offers.map(short),
      inverse: result.inverseOffers.map(({ framework, agent }) => `${framework} ${agent}`),
      rescinded: result.rescinded.map(({ offer, reason }) => `${short(offer)} ${reason}`),
    };
  }

  agent(id: string, total: string, { attributes, used, ...rest }: AgentExtras = {}): Told {
    return this.tell({
      kind: 'agent',
      id,
      total: parseResources(total, 'total'),
      ...rest,
      ...(attributes === undefined ? {} : { attributes: parseAttributes(attributes, 'attributes') }),
      ...(used === undefined ? {} : { used: mapDeep(used) }),
    });
  }

  framework(
    id: string,
    roles: string | readonly string[],
    settings: FrameworkSettings & { active?: boolean } = {},
  ): Told {
    return this.tell({
      kind: 'framework',
      id,
      ...settings,
      roles: typeof roles === 'string' ? [roles] : roles,
    });
  }

  quota(role: string, guarantee: string, limit: string, checked = false): Told {
    return this.tell({
      kind: 'quota',
      role,
      guarantee: parseQuantities(guarantee, ''),
      limit: parseQuantities(limit, ''),
      checked,
    });
  }

  /** The next batch run, or the one after several intervals. */
  batch(intervals = 1): Told {
    let told: Told | undefined;
    for (let i = 0; i < intervals; i++) {
      this.now += this.interval;
      told = this.tell({ kind: 'batch' });
    }
    return told!;
  }

  /** @param what `framework role agent resources` */
  decline(what: string, refuseSeconds: number | null = null): Told {
    const [framework = '', role = '', agent = '', resources = ''] = what.split(' ');
    return this.tell({
      kind: 'recover',
      framework,
      role,
      agent,
      resources: parseResources(resources, ''),
      refuseSeconds,
    });
  }

  recoverAll(): Told {
    return this.tell({ kind: 'recoverAll' });
  }

  /** @param what `framework role agent` */
  accept(
    what: string,
    operations: readonly Operation[],
    extra: { offers?: string[]; refuseSeconds?: number } = {},
  ): Told {
    const [framework = '', role = '', agent = ''] = what.split(' ');
    const { offers, refuseSeconds = null } = extra;
    return this.tell({
      kind: 'accept',
      framework,
      role,
      agent,
      operations,
      refuseSeconds,
      ...(offers ? { offers } : {}),
    });
  }

  unavailable(agent: string, window: Unavailability | null): Told {
    return this.tell({ kind: 'unavailability', agent, window });
  }

  get outstanding(): string[] {
    return this.engine.outstanding().map(short);
  }
}

const short = ({ framework, role, agent, resources }: Offer): string =>
  `${framework} ${role} ${agent} ${formatResources(resources)}`;

export const launch = (...tasks: (readonly [id: string, resources: string])[]): Operation => ({
  kind: 'launch',
  tasks: tasks.map(([id, resources]) => ({ id, resources: parseResources(resources, id) })),
});
export const reserve = (resources: string): Operation => ({
  kind: 'reserve',
  resources: parseResources(resources, ''),
});
export const unreserve = (resources: string): Operation => ({
  kind: 'unreserve',
  resources: parseResources(resources, ''),
});

const mapDeep = (used: Record<string, Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(used).map(([framework, roles]) => [
      framework,
      Object.fromEntries(Object.entries(roles).map(([role, text]) => [role, parseResources(text, 'used')])),
    ]),
  );

import { describe, expect, test } from 'vitest';
import { Holds, type Item } from '../resources/resource-bundle.ts';
import { formatResources, Resources } from '../resources/resources.ts';
import type { QuotaBook } from '../roles/quota-book.ts';
import { Books, bundle } from '../roles/books.test-helper.ts';
import { planGuarantee, planShare, viewOf, withoutBarred, type OfferPlan } from './offer-plan.ts';
import type { AgentState, Membership, RoleAccount } from './state.ts';

const text = (resources: Resources) => formatResources(resources);
const textOf = (items: readonly Item[]) => text(Resources.of(items));

describe('what an agent has for a role', () => {
  const view = (available: string, path: string, sharedOffered = '') =>
    text(
      viewOf(
        { available: bundle(available), sharedOffered: bundle(sharedOffered) } as AgentState,
        { path } as RoleAccount,
      ),
    );

  test('is what is free, unreserved or reserved for it or a role above', () => {
    const all = 'cpus:1;cpus(a):2;cpus(a|a/b):3;cpus(c):4';
    expect(view(all, 'a')).toBe(text(bundle('cpus:1;cpus(a):2')));
    expect(view(all, 'a/b')).toBe(text(bundle('cpus:1;cpus(a):2;cpus(a|a/b):3')));
    expect(view(all, 'ab')).toBe('cpus:1');
    expect(view('cpus:1;mem:5', 'a')).toBe('cpus:1;mem:5');
  });

  test('is less what is shared and was offered in this run', () => {
    const volume = 'disk(a){VOLUME=v1,SHARED}:5';
    const shared = bundle(volume);
    expect(shared.flags & Holds.shared).not.toBe(0);
    expect(view(`cpus:1;${volume}`, 'a')).toBe(text(bundle(`cpus:1;${volume}`)));
    expect(view(`cpus:1;${volume}`, 'a', volume)).toBe('cpus:1');
  });
});

test('a framework is not offered what it could not deal with', () => {
  const all = bundle('cpus:1;cpus(a):2;cpus(a|a/b):3;cpus{REV}:4');
  expect(withoutBarred(all, 0)).toBe(all);
  expect(withoutBarred(all, Holds.shared)).toBe(all);
  expect(text(withoutBarred(all, Holds.revocable))).toBe(text(bundle('cpus:1;cpus(a):2;cpus(a|a/b):3')));
  expect(text(withoutBarred(all, Holds.refined))).toBe(text(bundle('cpus:1;cpus(a):2;cpus{REV}:4')));
  expect(text(withoutBarred(all, Holds.refined | Holds.revocable))).toBe('cpus:1;cpus(a):2');
});

/** Plans for role a in a cluster of 10 cpus and 100 mem, all free. */
class Plans extends Books {
  constructor() {
    super('cpus:10;mem:100');
    this.join('F', 'a');
  }

  share(view: string, even = false): OfferPlan {
    this.begin();
    return planShare(this.#book, this.#role, bundle(view), 1, even);
  }

  guarantee(view: string, even = false): OfferPlan | null {
    this.begin();
    const lacking = this.#book.unsatisfied(this.#role);
    return planGuarantee(this.#book, this.#role, bundle(view), lacking, 1, even);
  }

  // What plans ask of accounts is the same whoever is a member.
  get #book(): QuotaBook<Membership> {
    return this.book as unknown as QuotaBook<Membership>;
  }

  get #role(): RoleAccount {
    return this.role('a') as unknown as RoleAccount;
  }
}

describe('a fair share of an agent', () => {
  test('is all of it without quota', () => {
    const { offer, guaranteed, extra } = new Plans().share('cpus:4;mem:40;cpus(a):1;ports:[1-4]');
    expect(text(offer)).toBe(text(bundle('cpus:4;mem:40;cpus(a):1;ports:[1-4]')));
    expect(guaranteed).toEqual([]);
    expect(textOf(extra)).toBe('cpus:4;mem:40');
  });

  test('is within the limit; what is reserved and what is no scalar goes along', () => {
    const plans = new Plans().quota('a', '', 'cpus:2.5');
    const { offer, extra } = plans.share('cpus:4;mem:40;cpus(a):1;ports:[1-4]');
    expect(text(offer)).toBe(text(bundle('cpus:2.5;mem:40;cpus(a):1;ports:[1-4]')));
    expect(textOf(extra)).toBe('cpus:2.5;mem:40');
  });

  test('leaves what guarantees of others need, of every name', () => {
    const plans = new Plans().join('G', 'b').quota('b', 'cpus:7', '');
    const { offer } = plans.share('cpus:4;mem:40');
    expect(text(offer)).toBe('cpus:3;mem:40');
    const unknown = plans.share('cpus:4;cpus{REV}:3;gpus:1');
    // The cluster has no gpus to spare as far as the accounts go.
    expect(text(unknown.offer)).toBe(text(bundle('cpus:3;cpus{REV}:3')));
  });

  test('that is cut evenly is of the shape of the agent', () => {
    const plans = new Plans().quota('a', '', 'cpus:1');
    const { offer, guaranteed, extra } = plans.share('cpus:4;mem:40;cpus(a):1;ports:[1-8]', true);
    expect(text(offer)).toBe(text(bundle('cpus:1;mem:10;cpus(a):1;ports:[1-2]')));
    expect(guaranteed).toEqual([]);
    expect(textOf(extra)).toBe('cpus:1;mem:10');
    expect(text(plans.share('cpus:1;mem:40', true).offer)).toBe('cpus:1;mem:40');
    const kept = new Plans().join('G', 'b').quota('b', 'cpus:8', '');
    expect(text(kept.share('cpus:4;mem:40', true).offer)).toBe('cpus:2;mem:20');
  });

  test('of which a name is forbidden is cut by the others alone', () => {
    const plans = new Plans().quota('a', '', 'cpus:0');
    expect(text(plans.share('cpus:4;mem:40', true).offer)).toBe('mem:40');
  });
});

describe('what serves a guarantee', () => {
  test('is what it lacks, and more as far as limit and headroom let it; the reserved goes along', () => {
    const plans = new Plans().quota('a', 'cpus:2', '');
    const plan = plans.guarantee('cpus:4;mem:40;cpus(a):1;cpus{REV}:9;ports:[1-4]')!;
    expect(textOf(plan.guaranteed)).toBe('cpus:2');
    expect(textOf(plan.extra)).toBe('cpus:2;mem:40');
    expect(text(plan.offer)).toBe(text(bundle('cpus:4;mem:40;cpus(a):1;cpus{REV}:9;ports:[1-4]')));
  });

  test('is nothing where the agent has nothing of what it lacks', () => {
    const plans = new Plans().quota('a', 'cpus:2', '');
    expect(plans.guarantee('mem:40;cpus(a):1;ports:[1-4]')).toBeNull();
  });

  test('is no more than the limit, of which the guaranteed is a part', () => {
    const plans = new Plans().quota('a', 'cpus:2', 'cpus:3;mem:5');
    const plan = plans.guarantee('cpus:4;mem:40')!;
    expect([textOf(plan.guaranteed), textOf(plan.extra)]).toEqual(['cpus:2', 'cpus:1;mem:5']);
    expect(text(plan.offer)).toBe('cpus:3;mem:5');
  });

  test('is no more beyond the guarantee than the headroom of all leaves', () => {
    const plans = new Plans().join('G', 'b').quota('a', 'cpus:2', '').quota('b', 'cpus:7', '');
    const plan = plans.guarantee('cpus:4;mem:40')!;
    expect([textOf(plan.guaranteed), textOf(plan.extra)]).toEqual(['cpus:2', 'cpus:1;mem:40']);
  });

  test('is never cut where the rest is cut evenly', () => {
    const plans = new Plans().quota('a', 'cpus:2', 'cpus:3');
    const plan = plans.guarantee('cpus:6;mem:60;ports:[1-8];ports(a):[10-11]', true)!;
    // Three of six: half of everything, the guaranteed a part of it.
    expect([textOf(plan.guaranteed), textOf(plan.extra)]).toEqual(['cpus:2', 'cpus:1;mem:30']);
    expect(text(plan.offer)).toBe(text(bundle('cpus:3;mem:30;ports:[1-4];ports(a):[10-11]')));
    const whole = plans.guarantee('cpus:2;mem:60', true)!;
    expect(text(whole.offer)).toBe('cpus:2;mem:60');
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RuleWishes } from './rule-wishes.ts';
import { Tally } from './tally.ts';
import type { Topology } from './topology.ts';

/** What a wish comes to by its definition: agent by agent, each looked at by itself. */
function plainWishes(
  near: readonly { readonly tally: Tally; readonly weight: number }[],
  spread: readonly { readonly tally: Tally; readonly maxSkew: number; readonly lenient: boolean }[],
  allowed: readonly number[],
): number[][] {
  const agents = [...allowed.keys()];
  const range = (values: readonly number[], counts: (i: number) => boolean) => {
    const counted = values.filter((_, i) => counts(i));
    return { least: Math.min(...counted), most: Math.max(...counted) };
  };
  const sums = agents.map((i) => near.reduce((sum, { tally, weight }) => sum + weight * tally.near(i), 0));
  const { least, most } = range(sums, (i) => allowed[i] === 1);
  const standing = sums.map((sum) => (most > least ? ((sum - least) / (most - least)) * 1000 : 0));

  const counts = (i: number) =>
    allowed[i] === 1 && spread.every(({ tally, lenient }) => lenient || tally.covers(i));
  const costs = agents.map((i) =>
    Math.round(
      spread
        .filter(({ tally }) => tally.covers(i))
        .reduce(
          (sum, { tally, maxSkew }) =>
            sum + tally.near(i) * Math.log((tally.scope?.domains.length ?? 0) + 2) + maxSkew - 1,
          0,
        ),
    ),
  );
  const cost = range(costs, counts);
  const value = (own: number) =>
    cost.most === 0 ? 1000 : ((cost.most + cost.least - own) / cost.most) * 1000;
  const spreading = costs.map((own, i) => (counts(i) ? value(own) : 0));
  return [...(near.length > 0 ? [standing] : []), ...(spread.length > 0 ? [spreading] : [])];
}

const AGENTS = 9;
const agent = fc.nat(AGENTS - 1);

/** Agents in up to 4 domains, and some in none. */
const topology = fc
  .array(fc.integer({ min: -1, max: 3 }), { minLength: AGENTS, maxLength: AGENTS })
  .map((domainOf): Topology => ({ domainOf: Int32Array.from(domainOf), size: 4 }));

const tally = fc
  .tuple(topology, fc.option(fc.subarray([0, 1, 2, 3]), { nil: undefined }))
  .map(([of, domains]) => {
    const scope = domains && {
      agents: Uint8Array.from(of.domainOf, (domain) => (domains.includes(domain) ? 1 : 0)),
      domains: Int32Array.from(domains),
      skipsLeaving: false,
    };
    return new Tally(of, scope);
  });

test('wishes worked out by groups of agents, step by step, are those of each agent by itself', () => {
  fc.assert(
    fc.property(
      fc.array(tally, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(2), fc.integer({ min: -100, max: 100 })), { maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.boolean()), { maxLength: 3 }),
      fc.array(fc.constantFrom(0, 1, 1), { minLength: AGENTS, maxLength: AGENTS }),
      fc.array(fc.array(fc.tuple(fc.nat(2), agent, fc.integer({ min: -1, max: 3 })), { maxLength: 4 }), {
        maxLength: 6,
      }),
      (tallies, nearOf, spreadOf, allowed, steps) => {
        const pick = (t: number) => tallies[t % tallies.length]!;
        const near = nearOf.map(([t, weight]) => ({ tally: pick(t), weight }));
        const spread = spreadOf.map(([t, maxSkew, lenient]) => ({ tally: pick(t), maxSkew, lenient }));
        const wishes = new RuleWishes(near, spread, Uint8Array.from(allowed));
        for (const step of [[], ...steps]) {
          const before = wishes.byAgent();
          for (const [t, at, pods] of step) pick(t).add(at, pods);
          wishes.refresh();
          const after = wishes.byAgent().map(({ values }) => [...values]);
          expect(after).toEqual(plainWishes(near, spread, allowed));
          const { groupOf } = wishes.alike;
          const moved = allowed.map((_, i) => after.some((values, w) => values[i] !== before[w]!.values[i]));
          expect(allowed.map((_, i) => wishes.changed[groupOf[i]!] === 1)).toEqual(moved);
        }
      },
    ),
    { numRuns: 500 },
  );
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SESSION_PREFIX } from '../../api/group.ts';
import { allocateRequest, releaseRequest } from '../../api/allocation.ts';
import type { Pod } from '../../snapshot/reading/objects.ts';
import { aServer, LOST, PodWorld } from './pods.test-helper.ts';

const SERVERS = 4;
const SESSIONS = 5;

const op = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('allocate'), n: fc.nat(SESSIONS - 1), wait: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release'), n: fc.nat(SESSIONS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hangUp'), n: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('show'), n: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('touch'), n: fc.nat(SERVERS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose'), n: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pause'), n: fc.nat(40) }) },
);

/** The sessions on a server. */
const sessionsOf = ({ metadata: { labels = {}, annotations = {} } }: Pod): string[] => {
  if (!labels['proffer.dev/state']) return [];
  const shared = Object.keys(annotations).filter((key) => key.startsWith(SESSION_PREFIX));
  const alone = labels['proffer.dev/session'];
  return [...(alone ? [alone] : []), ...shared.map((key) => key.slice(SESSION_PREFIX.length))];
};

test.each([1, 2])(
  'whatever comes in between, a session has one server of %d, and no place on one is lost',
  async (perServer) => {
    await fc.assert(
      fc.asyncProperty(fc.array(op, { maxLength: 60 }), async (ops) => {
        const world = new PodWorld(...Array.from({ length: SERVERS / perServer }, (_, i) => aServer(i)));
        world.perServer = perServer;
        world.inventory.refile('games', 'arena');
        const unseen: Pod[] = [];
        const wrong: string[] = [];
        world.changed = (pod) => {
          unseen.push(pod);
          const sessions = [...world.pods.values()].flatMap(sessionsOf);
          if (sessionsOf(pod).length > perServer) wrong.push(`too many: ${sessions.join()}`);
          if (new Set(sessions).size < sessions.length) wrong.push(`two servers: ${sessions.join()}`);
        };
        const show = (count: number) => unseen.splice(0, count).forEach((pod) => world.show(pod));
        let losing = 0;
        const lose = (when: number) => () => {
          if (losing !== when) return;
          losing = 0;
          throw LOST();
        };
        [world.before, world.after] = [lose(1), lose(2)];
        const callers: AbortController[] = [];
        const calls: Promise<unknown>[] = [];
        const allocate = async (session: string, waitSeconds: number): Promise<boolean> => {
          const caller = new AbortController();
          callers.push(caller);
          try {
            const request = allocateRequest.parse({ namespace: 'games', session, waitSeconds });
            const { server } = await world.desk.allocate(request, caller.signal);
            return sessionsOf(world.pods.get(server)!).includes(session);
          } catch {
            return false;
          }
        };
        for (const { kind, n, ...more } of ops) {
          if (kind === 'allocate') calls.push(allocate(`s${n}`, 'wait' in more && more.wait ? 5 : 0));
          else if (kind === 'release')
            calls.push(
              world.desk
                .release(releaseRequest.parse({ namespace: 'games', session: `s${n}` }))
                .catch(() => {}),
            );
          else if (kind === 'hangUp') callers[n]?.abort(new Error('gone'));
          else if (kind === 'show') show(n);
          else if (kind === 'touch') world.touch(`arena-${n % world.pods.size}`, { mood: 'fine' });
          else if (kind === 'lose') losing = n;
          else for (let i = 0; i < n; i++) await Promise.resolve();
        }
        losing = 0;
        const all = Promise.all(calls);
        for (let i = 0; i < 20; i++) {
          show(unseen.length);
          await world.clock.advance(1000);
        }
        await all;
        show(unseen.length);
        expect(wrong).toEqual([]);

        // Every place that no session has can be had, and an answer is what stands on the Pod.
        const free = SERVERS - [...world.pods.values()].flatMap(sessionsOf).length;
        const given = await Promise.all(Array.from({ length: free }, (_, i) => allocate(`last-${i}`, 0)));
        expect(given).toEqual(given.map(() => true));
        expect([...world.pods.values()].flatMap(sessionsOf)).toHaveLength(SERVERS);
      }),
      { numRuns: 300 },
    );
  },
);

import type { Invalid } from './invalid.ts';
import { pool, type Manifest } from './manifests.ts';

const scaled = (autoscale: Manifest): Manifest => pool({ autoscale: { maxReplicas: 9, ...autoscale } });
const buffer = { servers: 1 };
const nights = { startCron: '0 18 * * *', durationSeconds: 60, buffer };

/** Pools with a `spec.autoscale` that must be refused. */
export const INVALID_AUTOSCALE: readonly Invalid[] = [
  { why: 'no policy', manifest: scaled({}), says: ['spec.autoscale', 'say one of buffer, counter'] },
  {
    why: 'two policies',
    manifest: scaled({ buffer, counter: { name: 'players', free: 1 } }),
    says: ['spec.autoscale', 'say one of buffer, counter'],
  },
  {
    why: 'no most',
    manifest: pool({ autoscale: { buffer } }),
    says: ['spec.autoscale.maxReplicas', 'Required value'],
  },
  {
    why: 'bounds in the wrong order',
    manifest: scaled({ minReplicas: 10, buffer }),
    says: ['spec.autoscale.minReplicas', 'minReplicas exceeds maxReplicas'],
  },
  {
    why: 'a buffer of nothing',
    manifest: scaled({ buffer: {} }),
    says: ['spec.autoscale.buffer', 'say how many servers are to be free'],
  },
  {
    why: 'a counter of which nothing is to be free',
    manifest: scaled({ counter: { name: 'players' } }),
    says: ['spec.autoscale.counter', 'say how much is to be free'],
  },
  {
    why: 'a counter that cannot be one',
    manifest: scaled({ counter: { name: 'Players', free: 1 } }),
    says: ['spec.autoscale.counter.name', 'name must be the name of a counter'],
  },
  {
    why: 'more sessions than a Pod can tell of',
    manifest: pool({ sessions: { perServer: 65 } }),
    says: ['spec.sessions.perServer', 'less than or equal to 64'],
  },
  {
    why: 'a part of all',
    manifest: scaled({ buffer: { percent: 100 } }),
    says: ['spec.autoscale.buffer.percent', 'less than or equal to 99'],
  },
  {
    why: 'a webhook in two places',
    manifest: scaled({ webhook: { service: { name: 's' }, url: 'https://a' } }),
    says: ['spec.autoscale.webhook', 'say one of service, url'],
  },
  {
    why: 'a path that is none',
    manifest: scaled({ webhook: { service: { name: 's', path: 'scale' } } }),
    says: ['spec.autoscale.webhook.service.path', "a path must begin with '/'"],
  },
  {
    why: 'an address with a user',
    manifest: scaled({ webhook: { url: 'https://user@a.example.com/' } }),
    says: ['spec.autoscale.webhook.url', 'must be an address without a user'],
  },
  {
    why: 'a file as an address',
    manifest: scaled({ webhook: { url: 'file:///etc/passwd' } }),
    says: ['spec.autoscale.webhook.url', 'must be an address without a user'],
  },
  {
    why: 'certificates that are no base64',
    manifest: scaled({ webhook: { service: { name: 's' }, caBundle: '-----BEGIN' } }),
    says: ['spec.autoscale.webhook.caBundle', 'byte'],
  },
  {
    why: 'a schedule of seconds',
    manifest: scaled({ schedule: { ...nights, startCron: '0 0 18 * * *' } }),
    says: ['spec.autoscale.schedule.startCron', 'must have five parts'],
  },
  {
    why: 'a start without an end',
    manifest: scaled({ schedule: { startCron: '0 18 * * *', buffer } }),
    says: ['spec.autoscale.schedule', 'startCron and durationSeconds belong together'],
  },
  {
    why: 'a schedule for ever',
    manifest: scaled({ schedule: { buffer } }),
    says: ['spec.autoscale.schedule', 'say when it is in effect'],
  },
  {
    why: 'a schedule of nothing',
    manifest: scaled({ schedule: { from: '2026-12-01T00:00:00Z' } }),
    says: ['spec.autoscale.schedule', 'say one of buffer, counter, webhook'],
  },
  {
    why: 'a day that is no time',
    manifest: scaled({ schedule: { from: '2026-12-01', buffer } }),
    says: ['spec.autoscale.schedule.from', 'date-time'],
  },
  {
    why: 'a time zone by its offset',
    manifest: scaled({ schedule: { ...nights, timeZone: '+01:00' } }),
    says: ['spec.autoscale.schedule.timeZone', 'must be a name such as Europe/Berlin'],
  },
  {
    why: 'an empty chain',
    manifest: scaled({ chain: [] }),
    says: ['spec.autoscale.chain', 'at least 1'],
  },
  {
    why: 'a chain with one name twice',
    manifest: scaled({
      chain: [
        { name: 'a', buffer },
        { name: 'a', schedule: nights },
      ],
    }),
    says: ['spec.autoscale.chain[1]', 'Duplicate value'],
  },
  {
    why: 'a link with two policies',
    manifest: scaled({ chain: [{ name: 'a', buffer, schedule: nights }] }),
    says: ['spec.autoscale.chain[0]', 'say one of buffer, counter'],
  },
];

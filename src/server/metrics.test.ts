import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot } from '../../test/builders/index.ts';
import { REASON, type Reason } from '../api/conditions.ts';
import { METRICS, type MetricEntry } from '../views/metric-table.ts';
import { Metrics } from './metrics.ts';

/** The lines of one metric, without help and type. */
const series = async (metrics: Metrics, name: string): Promise<string[]> =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'));

describe('the metrics', () => {
  test('follow the naming rules of Prometheus', () => {
    for (const { name, kind, help } of Object.values(METRICS) as MetricEntry[]) {
      expect(name).toMatch(/^proffer_[a-z_]+$/);
      expect(name.endsWith('_total'), name).toBe(kind === 'counter');
      if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(help, name).toMatch(/^\S.*\.$/);
    }
  });

  test('are all there before anything happens, with Node.js and process metrics', async () => {
    const text = await new Metrics().text();
    for (const { name } of Object.values(METRICS)) expect(text).toContain(`# TYPE ${name} `);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).toContain('proffer_offers_total{answer="declined"} 0');
    expect(text).toContain('proffer_recoveries_total{signal="Crashed"} 0');
    expect(text).toContain('proffer_pods_deleted_total{reason="ScaledDown"} 0');
    expect(text).toContain('proffer_leader 0');
  });

  test('count cycles, offers, Pods and recoveries', async () => {
    const metrics = new Metrics();
    metrics.add('cycles', {});
    metrics.phases({ snapshot: 3, matrices: 2, allocate: 1, plan: 1, total: 8 });
    metrics.phases({ record: 400 });
    metrics.add('offers', { answer: 'accepted' }, 4);
    metrics.add('offers', { answer: 'declined' }, 1);
    metrics.add('podsCreated', {});
    metrics.add('podsCreated', {});
    metrics.add('podsDeleted', { reason: 'Replaced' });
    metrics.add('recoveries', { signal: 'NodeLost' });
    metrics.follow(() => ['eventsFolded', {}, 9]);
    metrics.follow(() => ['eventsDropped', {}, 7]);
    const text = await metrics.text();
    expect(text).toContain('proffer_cycles_total 1');
    expect(text).toContain('proffer_cycle_duration_seconds_sum{phase="total"} 0.008');
    expect(text).toContain('proffer_cycle_duration_seconds_bucket{le="0.25",phase="record"} 0');
    expect(text).toContain('proffer_cycle_duration_seconds_bucket{le="0.5",phase="record"} 1');
    expect(text).toContain('proffer_offers_total{answer="accepted"} 4');
    expect(text).toContain('proffer_offers_total{answer="declined"} 1');
    expect(text).toContain('proffer_pods_created_total 2');
    expect(text).toContain('proffer_pods_deleted_total{reason="Replaced"} 1');
    expect(text).toContain('proffer_recoveries_total{signal="NodeLost"} 1');
    expect(text).toContain('proffer_events_folded_total 9');
    expect(text).toContain('proffer_events_dropped_total 7');
  });

  test('show pending tasks by layer, unfit nodes, and the shares of the roles that exist now', async () => {
    const metrics = new Metrics();
    const arena = aPool('arena').cpu('1').role('studio');
    const cluster = () => aSnapshot().with(aNode('n1'), aNode('n2')).health('n2', { unfitMs: 5000 });
    const waiting = new Map<Reason, number>([[REASON.resources, 3]]);
    metrics.state(
      cluster().with(aRole('studio'), arena, aPod('arena-0').ofPool(arena, 0).on('n1').cpu('1')).build(),
      waiting,
    );
    expect(await series(metrics, 'proffer_role_dominant_share')).toEqual([
      'proffer_role_dominant_share{role="studio"} 0.125',
    ]);
    expect(await series(metrics, 'proffer_nodes')).toEqual([
      'proffer_nodes{state="unfit"} 1',
      'proffer_nodes{state="fit"} 1',
    ]);
    expect(await series(metrics, 'proffer_pending_tasks')).toContain(
      'proffer_pending_tasks{layer="InsufficientResources"} 3',
    );

    metrics.state(cluster().build(), new Map());
    expect(await series(metrics, 'proffer_role_dominant_share')).toEqual([]);
    expect(await series(metrics, 'proffer_pending_tasks')).toContain(
      'proffer_pending_tasks{layer="InsufficientResources"} 0',
    );
  });

  test('the share of a role counts all below it, and roles that bear one name are told apart by their paths', async () => {
    const metrics = new Metrics();
    const [nested, other] = [aPool('a').role('arena'), aPool('b').role('x/arena')];
    const cluster = aSnapshot().with(
      aNode('n1').cpu('8'),
      aRole('studio'),
      aRole('arena').parent('studio'),
      nested,
      other,
      aPod('a-0').ofPool(nested, 0).on('n1').cpu('2'),
      aPod('b-0').ofPool(other, 0).on('n1').cpu('1'),
    );
    metrics.state(cluster.build(), new Map());
    expect((await series(metrics, 'proffer_role_dominant_share')).toSorted()).toEqual([
      'proffer_role_dominant_share{role="games"} 0.125',
      'proffer_role_dominant_share{role="games/x"} 0.125',
      'proffer_role_dominant_share{role="games/x/arena"} 0.125',
      'proffer_role_dominant_share{role="studio"} 0.25',
      'proffer_role_dominant_share{role="studio/arena"} 0.25',
    ]);
  });

  test('show guarantees and limits that are in effect, in base units', async () => {
    const metrics = new Metrics();
    const cluster = aSnapshot().with(
      aNode('n1').cpu('8'),
      aRole('studio').guarantee({ cpu: '1500m' }),
      aRole('arena').parent('studio').limit({ cpu: '4', 'nvidia.com/gpu': '0', memory: '1Gi' }),
      aRole('lost').parent('nobody').limit({ cpu: '1' }),
      aPool('a').role('free'),
    );
    metrics.state(cluster.build(), new Map());
    expect(await series(metrics, 'proffer_role_guarantee')).toEqual([
      'proffer_role_guarantee{role="studio",resource="cpu"} 1.5',
    ]);
    expect(await series(metrics, 'proffer_role_limit')).toEqual([
      'proffer_role_limit{role="studio/arena",resource="cpu"} 4',
      'proffer_role_limit{role="studio/arena",resource="memory"} 1073741824',
      'proffer_role_limit{role="studio/arena",resource="nvidia.com/gpu"} 0',
    ]);

    metrics.state(aSnapshot().with(aNode('n1')).build(), new Map());
    for (const name of ['guarantee', 'limit'])
      expect(await series(metrics, `proffer_role_${name}`)).toEqual([]);
  });

  test('forget what only the leader knows when leadership ends', async () => {
    const metrics = new Metrics();
    metrics.leading(true);
    metrics.state(aSnapshot().with(aNode('n1')).build(), new Map());
    expect(await series(metrics, 'proffer_leader')).toEqual(['proffer_leader 1']);
    metrics.leading(false);
    expect(await series(metrics, 'proffer_leader')).toEqual(['proffer_leader 0']);
    expect(await series(metrics, 'proffer_nodes')).toEqual([]);
    expect(await series(metrics, 'proffer_pending_tasks')).toEqual([]);
  });

  test('count requests, those without an answer too, and read the counters of reflectors when asked', async () => {
    const metrics = new Metrics();
    metrics.request({ verb: 'create', resource: 'pods', status: 201, durationMs: 12 });
    metrics.request({ verb: 'create', resource: 'pods', status: 0, durationMs: 40 });
    const counters = { relists: 1, reconnects: 0, events: 7, failures: 0 };
    metrics.follow(() => ['relists', { resource: 'pods' }, counters.relists]);
    metrics.follow(() => ['events', { resource: 'pods' }, counters.events]);
    counters.events = 9;
    const text = await metrics.text();
    expect(text).toContain('proffer_api_requests_total{verb="create",resource="pods",code="201"} 1');
    expect(text).toContain('proffer_api_requests_total{verb="create",resource="pods",code="none"} 1');
    expect(text).toContain('proffer_api_request_duration_seconds_count{verb="create",resource="pods"} 2');
    expect(text).toContain('proffer_reflector_relists_total{resource="pods"} 1');
    expect(text).toContain('proffer_reflector_events_total{resource="pods"} 9');
    expect(await metrics.text()).toContain('proffer_reflector_events_total{resource="pods"} 9');
  });

  test('are what the dashboard of the chart asks for: names, labels and fixed values', () => {
    const file = join(import.meta.dirname, '../../charts/proffer/files/dashboard.json');
    const dashboard = JSON.parse(readFileSync(file, 'utf8')) as {
      panels: { targets?: { expr: string }[] }[];
    };
    const expressions = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);
    const entries = new Map<string, MetricEntry>(Object.values(METRICS).map((entry) => [entry.name, entry]));
    let checked = 0;
    for (const expression of expressions) {
      const name = /\b(proffer_[a-z_]+?)(_bucket|_sum|_count)?\{/.exec(expression)?.[1];
      if (name === undefined) continue;
      const entry = entries.get(name);
      expect(entry, expression).toBeDefined();
      const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap((match) => match[1]!.split(/,\s*/));
      const selected = [...expression.matchAll(/[{,]\s*(\w+)\s*(?:=~|!=|=|!~)\s*"([^"]*)"/g)];
      for (const label of [...grouped, ...selected.map((match) => match[1]!)]) {
        if (label !== 'le' && label !== 'job')
          expect(Object.keys(entry!.labels), expression).toContain(label);
      }
      for (const [, label, value] of selected) {
        const values = entry!.labels[label!];
        if (Array.isArray(values)) expect(values, expression).toContain(value);
      }
      checked++;
    }
    expect(checked).toBeGreaterThan(10);
  });
});

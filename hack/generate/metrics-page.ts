import { METRICS, type MetricEntry } from '../../src/views/metric-table.ts';
import { cell, code, generatedFrom, markdownTable } from './page.ts';

function labelText([label, values]: readonly [string, readonly string[] | string]): string {
  const words = typeof values === 'string' ? values : values.map(code).join(', ');
  return `${code(label)}: ${words}`;
}

/** The reference of the metrics: docs/reference/metrics.md. */
export function metricsPage(): string {
  const entries: readonly MetricEntry[] = Object.values(METRICS);
  const rows = entries.map(({ name, kind, labels, help }) => [
    code(name),
    kind,
    cell(Object.entries(labels).map(labelText).join('; ')),
    cell(help),
  ]);
  const histograms = entries.filter((entry) => entry.buckets !== undefined);
  return [
    generatedFrom('src/views/metric-table.ts'),
    '# Metrics',
    '',
    'Every replica serves these on `/metrics` of its port `--http-address` (8080), in the text format of Prometheus. What only the ' +
      'leader knows (`proffer_pending_tasks`, `proffer_nodes`, those of roles) only the leader has: take ' +
      '`max` over the replicas. Counters start at 0 with the process.',
    '',
    ...markdownTable(['metric', 'type', 'labels', 'meaning'], rows),
    '',
    'Buckets, in seconds:',
    '',
    ...histograms.map(({ name, buckets = [] }) => `* ${code(name)}: ${buckets.join(', ')}`),
    '',
    'Beside these there are the usual ones of the process and of Node.js, among them:',
    '',
    ...markdownTable(
      ['metric', 'meaning'],
      [
        [code('process_resident_memory_bytes'), 'Memory of the process.'],
        [code('process_cpu_seconds_total'), 'CPU time of the process.'],
        [code('nodejs_heap_size_used_bytes'), 'Part of it that JavaScript objects use.'],
        [
          code('nodejs_eventloop_lag_p99_seconds'),
          'How long the event loop stands still: the pauses of the placement loop.',
        ],
        [code('nodejs_gc_duration_seconds'), 'Time in garbage collection, by kind.'],
      ],
    ),
    '',
  ].join('\n');
}

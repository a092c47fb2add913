import { expect, test } from 'vitest';
import { METRICS } from '../../src/views/metric-table.ts';
import { chartFile, only, render } from './helm.ts';

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}
interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
  templating: { list: { name: string }[] };
}

const rendered = async (): Promise<Dashboard> => {
  const { data } = only(await render('production'), 'ConfigMap') as unknown as {
    data: Record<string, string>;
  };
  return JSON.parse(data['proffer.json'] ?? '') as Dashboard;
};

test('the ConfigMap holds the dashboard unchanged, where the sidecar finds it', async () => {
  expect(await rendered()).toEqual(JSON.parse(await chartFile('files/dashboard.json')));
  expect(only(await render('production'), 'ConfigMap').metadata.labels['grafana_dashboard']).toBe('1');
});

test('its panels show each metric of the operator, and none that it does not export', async () => {
  const { panels } = await rendered();
  const shown = panels
    .flatMap(({ targets }) => targets ?? [])
    .flatMap(({ expr }) => expr.match(/\bproffer_[a-z_]+/g) ?? [])
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  expect([...new Set(shown)].sort()).toEqual(
    Object.values(METRICS)
      .map(({ name }) => name)
      .sort(),
  );
});

test('a query asks a metric only for labels, and for values of them, that it has', async () => {
  const { panels } = await rendered();
  // What Prometheus itself adds, and the bound of a histogram's bucket.
  const always = ['job', 'pod', 'le'];
  for (const { expr } of panels.flatMap(({ targets }) => targets ?? [])) {
    const metric = Object.values(METRICS).find(({ name }) =>
      new RegExp(`\\b${name}(_bucket)?\\b`).test(expr),
    );
    const labels: Readonly<Record<string, readonly string[] | string>> = metric?.labels ?? {};
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
    const matched = [...expr.matchAll(/(\w+)(!?=~?)"([^"]*)"/g)];
    for (const label of [...grouped, ...matched.map(([, label = '']) => label)])
      expect([...always, ...Object.keys(labels)], expr).toContain(label);
    for (const [, label = '', operator, value] of matched)
      if (typeof labels[label] === 'object' && !operator?.endsWith('~'))
        expect(labels[label], expr).toContain(value);
  }
});

test('every panel says what it means, and none covers another', async () => {
  const { panels } = await rendered();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = new Set<string>();
  for (const { type, title, description, gridPos, targets } of panels) {
    if (type !== 'row') {
      expect(description, title).toMatch(/\.$/);
      expect(targets?.length, title).toBeGreaterThan(0);
    }
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(cells.has(`${x}/${y}`), title).toBe(false);
        cells.add(`${x}/${y}`);
      }
  }
});

test('every query selects the operator by the variable of the dashboard', async () => {
  const { panels, templating } = await rendered();
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'job']);
  for (const { expr } of panels.flatMap(({ targets }) => targets ?? []))
    expect(expr.split('job=~"$job"').length, expr).toBeGreaterThan(1);
});

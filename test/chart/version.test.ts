import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartFile, REPOSITORY } from './helm.ts';

test('the chart and the package have one version', async () => {
  const { version } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')) as {
    version: string;
  };
  const chart = parse(await chartFile('Chart.yaml')) as { version: string; appVersion: string };
  expect(chart).toMatchObject({ version, appVersion: version });
});

test('the chart names the Kubernetes versions that are supported', async () => {
  const chart = parse(await chartFile('Chart.yaml')) as { kubeVersion: string };
  expect(chart.kubeVersion).toBe('>=1.33.0-0');
});

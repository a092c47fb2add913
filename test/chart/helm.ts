import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { binary } from '../../hack/cluster/index.ts';

/** Folder of the repository. */
export const REPOSITORY = join(import.meta.dirname, '..', '..');

/** Folder of the chart. */
export const CHART = join(REPOSITORY, 'charts', 'proffer');

/** Release name and namespace of every render. */
const RELEASE = { name: 'proffer', namespace: 'proffer-system' } as const;

/** Kubernetes version that renders are made for; without one, Helm assumes a version of its own. */
const KUBE_VERSION = '1.37.0';

const VALUE_SETS = join(import.meta.dirname, 'values');

/** A Kubernetes object as the chart renders it; tests look into it by path. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** What one run of Helm gave. */
export interface HelmResult {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** Runs Helm, built on first use, and gives back what it said whether or not it succeeded. */
export const helm = async (...args: string[]): Promise<HelmResult> => {
  const program = await binary('helm');
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { maxBuffer: 64 << 20 });
    return { ok: true, stdout, stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as Partial<HelmResult>;
    if (stdout === '' && stderr === '') throw error;
    return { ok: false, stdout, stderr };
  }
};

/** Names of the value sets in values/, sorted. */
export const valueSets = async (): Promise<string[]> =>
  (await readdir(VALUE_SETS)).map((file) => basename(file, '.yaml')).sort();

/** Path of a value set's file. */
export const valueSetFile = (name: string): string => join(VALUE_SETS, `${name}.yaml`);

const template = (valuesFile: string, kubeVersion = KUBE_VERSION): Promise<HelmResult> =>
  helm(
    'template',
    RELEASE.name,
    CHART,
    `--namespace=${RELEASE.namespace}`,
    `--kube-version=${kubeVersion}`,
    `--values=${valuesFile}`,
  );

/** Renders the chart with values given as an object; never throws on a refusal. */
export const tryRender = async (values: unknown): Promise<HelmResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'proffer-chart-'));
  try {
    const file = join(folder, 'values.json');
    await writeFile(file, JSON.stringify(values));
    return await template(file);
  } finally {
    await rm(folder, { recursive: true });
  }
};

const parse = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => {
      if (document.errors.length > 0)
        throw new Error(`rendered YAML is malformed: ${document.errors.join('; ')}`);
      return document.toJS() as Manifest | null;
    })
    .filter((manifest) => manifest !== null);

/** Renders the chart with a value set. @throws Error with Helm's words when the render fails */
export const render = async (valueSet: string, kubeVersion?: string): Promise<Manifest[]> => {
  const result = await template(valueSetFile(valueSet), kubeVersion);
  if (!result.ok) throw new Error(`helm template with ${valueSet}.yaml failed: ${result.stderr}`);
  return parse(result.stdout);
};

/** Renders the chart with values given as an object. @throws Error with Helm's words when the render fails */
export const renderWith = async (values: unknown): Promise<Manifest[]> => {
  const result = await tryRender(values);
  if (!result.ok) throw new Error(`helm template failed: ${result.stderr}`);
  return parse(result.stdout);
};

/** The text of a file of the chart. */
export const chartFile = (path: string): Promise<string> => readFile(join(CHART, path), 'utf8');

/** All manifests of a kind. */
export const ofKind = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);

/** The one manifest of a kind. @throws Error when there is none, or more than one */
export const only = (manifests: readonly Manifest[], kind: string): Manifest => {
  const [manifest, ...more] = ofKind(manifests, kind);
  if (manifest === undefined || more.length > 0)
    throw new Error(`want one ${kind}, got ${more.length + Number(!!manifest)}`);
  return manifest;
};

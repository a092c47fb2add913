import { GROUP } from '../../src/api/group.ts';
import { openApi } from '../../src/server/api/openapi.ts';
import { scenarioJsonSchema } from '../../src/simulate/scenario.ts';
import { clientTypes, type OpenApi } from './client-types.ts';
import { cliPage } from './cli-page.ts';
import { crdYaml } from './crd.ts';
import { errorsPage } from './errors-page.ts';
import { KINDS } from './kinds.ts';
import { labelsPage } from './labels-page.ts';
import { page } from './markdown.ts';
import { metricsPage } from './metrics-page.ts';
import { reasonsPage } from './reasons-page.ts';

const OPEN_API = await openApi();

/** Where generated files go. The chart carries its own copy because Helm reads nothing outside the chart. */
const FOLDERS = { crds: 'crds', chart: 'charts/proffer/files/crds', docs: 'docs/reference' } as const;

/** Folders that hold nothing but generated files, so that a file in them that is not generated is stale. */
export const OWNED_FOLDERS: readonly string[] = [FOLDERS.crds, FOLDERS.chart];

/**
 * Every generated file: path in the repository -> text. The generator writes them and the drift test compares them.
 * @throws GenerateError when a schema cannot become a CRD.
 */
export function outputs(): Map<string, string> {
  const files = new Map<string, string>();
  for (const kind of KINDS) {
    const name = `${GROUP}_${kind.names.plural}.yaml`;
    files.set(`${FOLDERS.crds}/${name}`, crdYaml(kind));
    files.set(`${FOLDERS.chart}/${name}`, crdYaml(kind));
    files.set(`${FOLDERS.docs}/${kind.names.singular}.md`, page(kind));
  }
  files.set('docs/scenario.schema.json', `${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`);
  files.set(`${FOLDERS.docs}/openapi.json`, `${JSON.stringify(OPEN_API, undefined, 2)}\n`);
  files.set('clients/typescript/src/types.ts', clientTypes(OPEN_API as OpenApi));
  files.set(`${FOLDERS.docs}/cli.md`, cliPage());
  files.set(`${FOLDERS.docs}/errors.md`, errorsPage());
  files.set(`${FOLDERS.docs}/metrics.md`, metricsPage());
  files.set(`${FOLDERS.docs}/reasons.md`, reasonsPage());
  files.set(`${FOLDERS.docs}/labels.md`, labelsPage());
  return files;
}

import { join } from 'node:path';
import { IS_OLDEST, type Cluster } from '../../hack/cluster/index.ts';
import { CHART, helm } from '../chart/helm.ts';

const CRDS = join(import.meta.dirname, '../../crds');

/** The definitions as the chart renders them for the oldest Kubernetes, YAML. */
async function forOldest(): Promise<string> {
  const only = ['--show-only=templates/crds.yaml', '--kube-version=1.33.0'];
  const { ok, stdout, stderr } = await helm('template', 'proffer', CHART, ...only);
  if (!ok) throw new Error(`helm template failed: ${stderr}`);
  return stdout;
}

/** Installs the CRDs of this checkout, and waits until they are served. */
export async function applyCrds(cluster: Cluster): Promise<void> {
  const apply = ['apply', '--server-side', '-f'];
  if (IS_OLDEST) await cluster.kubectlWithInput(await forOldest(), ...apply, '-');
  else await cluster.kubectl(...apply, CRDS);
  const label = 'app.kubernetes.io/name=proffer';
  await cluster.kubectl('wait', '--for=condition=Established', '--timeout=60s', 'crd', '-l', label);
}

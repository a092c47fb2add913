import type { Cluster } from '../../../hack/cluster/index.ts';
import { NAMESPACE } from './release.ts';

/** One line of a metrics page. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The lines of a page in Prometheus' text format. Label values of ours hold no quotes. */
const parseMetrics = (page: string): Sample[] =>
  page
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === '') throw new Error(`not a line of metrics: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text] as const);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });

/** The metrics of one replica, through the API server. */
export const metricsOf = async (cluster: Cluster, pod: string): Promise<Sample[]> =>
  parseMetrics(
    await cluster.kubectl('get', '--raw', `/api/v1/namespaces/${NAMESPACE}/pods/${pod}:8080/proxy/metrics`),
  );

/** A kind of request that a replica made, in RBAC's words, and the statuses that came back. */
export interface Requested {
  right: string;
  code: string;
}

/** The requests that a replica has made since it started. */
export const requestsOf = async (cluster: Cluster, pod: string): Promise<Requested[]> =>
  (await metricsOf(cluster, pod))
    .filter(({ name, value }) => name === 'proffer_api_requests_total' && value > 0)
    .map(({ labels: { verb = '', resource = '', code = '' } }) => ({ right: `${verb} ${resource}`, code }));

import type { Cluster } from '../../hack/cluster/index.ts';

/** Samples of one metric in Prometheus' text format. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Picks the samples of one metric out of a page in Prometheus' text format. */
export function samplesOf(page: string, metric: string): Sample[] {
  const out: Sample[] = [];
  for (const line of page.split('\n')) {
    if (!line.startsWith(`${metric}{`) && !line.startsWith(`${metric} `)) continue;
    const labels: Record<string, string> = {};
    for (const [, name, value] of line.matchAll(/(\w+)="([^"]*)"/g)) labels[name!] = value!;
    out.push({ labels, value: Number(line.slice(line.lastIndexOf(' ') + 1)) });
  }
  return out;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION']);

/** Writes that the API server answered so far, by "VERB resource"; leases are left out, they go on at rest too. */
export async function writesOf(cluster: Cluster): Promise<Map<string, number>> {
  const page = await cluster.kubectl('get', '--raw', '/metrics');
  const out = new Map<string, number>();
  for (const { labels, value } of samplesOf(page, 'apiserver_request_total')) {
    const { verb = '', resource = '', subresource = '', code = '' } = labels;
    if (!WRITES.has(verb) || resource === 'leases' || !code.startsWith('2')) continue;
    const key = `${verb} ${resource}${subresource ? `/${subresource}` : ''}`;
    out.set(key, (out.get(key) ?? 0) + value);
  }
  return out;
}

/** A quantile of a histogram's samples, by linear interpolation inside its bucket, as PromQL does. */
export function histogramQuantile(buckets: readonly Sample[], quantile: number): number {
  const sorted = buckets
    .map(({ labels, value }) => ({ le: labels['le'] === '+Inf' ? Infinity : Number(labels['le']), value }))
    .sort((a, b) => a.le - b.le);
  const rank = (sorted.at(-1)?.value ?? 0) * quantile;
  let below = { le: 0, value: 0 };
  for (const bucket of sorted) {
    if (bucket.value >= rank) {
      if (bucket.le === Infinity) return below.le;
      const width = bucket.value - below.value;
      return width === 0 ? bucket.le : below.le + ((bucket.le - below.le) * (rank - below.value)) / width;
    }
    below = bucket;
  }
  return below.le;
}

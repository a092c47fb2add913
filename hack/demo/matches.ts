import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Cluster } from '../cluster/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MATCHMAKER = join(ROOT, 'examples', 'matchmaker');

/** Values of the chart by which the allocation API is served. */
export const ALLOCATION = ['--set', 'allocation.enabled=true'];

/** A match, as the match maker tells its players. */
interface Match {
  readonly match: string;
  /** Address and port of the server. */
  readonly at: string;
}

/** What players do, through the API server. */
function players(cluster: Cluster, namespace: string) {
  const proxy = `/api/v1/namespaces/${namespace}/services/matchmaker:http/proxy`;
  const post = async (query: string): Promise<Match> =>
    JSON.parse(await cluster.kubectl('create', '--raw', `${proxy}/${query}`, '-f', '/dev/null')) as Match;
  /** Two of them queue, and are told of their match. */
  const play = async (...names: [string, string]): Promise<Match> => {
    const [match] = await Promise.all(names.map((name) => post(`join?player=${name}`)));
    return match!;
  };
  return { play, end: ({ match }: Match) => post(`end?match=${match}`) };
}

/** The program of the match maker, and who signed the certificate of the allocation API, as its ConfigMap. */
async function provide(cluster: Cluster, namespace: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'proffer-matches-'));
  const [program, authority] = ['matchmaker.mjs', 'ca.crt'].map((name) => join(folder, name));
  try {
    await build({
      entryPoints: [join(MATCHMAKER, 'matchmaker.ts')],
      outfile: program!,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    });
    const words = 'get secret proffer-allocation-tls -n proffer-system -o jsonpath={.data.ca\\.crt}';
    await writeFile(authority!, Buffer.from(await cluster.kubectl(...words.split(' ')), 'base64'));
    const files = [`--from-file=${program}`, `--from-file=${authority}`];
    await cluster.kubectl('create', 'configmap', 'matchmaker', ...files, '-n', namespace);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * A match maker gives out three servers; a fourth match waits until one is given back, and is played on that.
 * @throws Error when a server is given out twice, or another one than was given back
 */
export async function playMatches(cluster: Cluster, namespace: string): Promise<void> {
  await provide(cluster, namespace);
  await cluster.kubectl('apply', '-n', namespace, '-f', MATCHMAKER);
  await cluster.kubectl('rollout', 'status', 'deployment/matchmaker', '-n', namespace, '--timeout=60s');
  const { play, end } = players(cluster, namespace);
  const start = performance.now();
  const matches = await Promise.all([play('ann', 'ben'), play('cid', 'dot'), play('eve', 'fay')]);
  console.log(`    6 players have 3 servers after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  for (const { match, at } of matches) console.log(`    ${match} at ${at}`);
  if (new Set(matches.map(({ at }) => at)).size < matches.length)
    throw new Error('a server was given out twice');
  const waiting = play('gus', 'hal');
  console.log('    2 more wait, and the first match ends');
  await end(matches[0]!);
  const { match, at } = await waiting;
  if (at !== matches[0]!.at)
    throw new Error(`the server at ${matches[0]!.at} was given back, not that at ${at}`);
  console.log(`    ${match} at ${at}, again`);
}

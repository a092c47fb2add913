import { ANNOTATION, POD_CONDITION } from '../api/group.ts';
import { serverQuery, type ServerQuery, type Unanswered } from '../api/pool/query.ts';
import { parseTime } from '../lib/time.ts';
import { inLine } from '../lib/visible.ts';
import { isRestarting } from './changing.ts';
import type { ContainerPort, Pod } from './reading/objects.ts';

/** What a server that is asked over the network says of itself. */
export interface Asked {
  readonly query: ServerQuery;
  /** Address of the Pod, and the number of the port that is asked; undefined when it is not known yet, or no port has that name. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Players reach the server by that port, over UDP: while it is closed nobody plays. */
  readonly isPlayed: boolean;
  /** Its main container runs, and is not about to be started anew. */
  readonly isRunning: boolean;
  /** Id of its main container; empty while it has none. */
  readonly container: string;
  /** What was found of this container, as its condition says; undefined before anything was. */
  readonly verdict: Verdict | undefined;
}

/** What was found of a server that is asked. */
export interface Verdict {
  /** Why it does not answer; undefined while it does. */
  readonly unanswered: Unanswered | undefined;
  /** In words, one line. */
  readonly message: string;
  /** Since when, by the clock of the operator that wrote it, ms since the epoch. */
  readonly since: number;
}

/** How many queries are remembered that were read; clusters have a few. */
const MOST_QUERIES = 1000;

/** The longest text that can be a query, characters; a longer one would only fill the memory. */
const LONGEST_QUERY = 8192;

/** Makes a reader of what is written on Pods that are asked. A query that many have is read once. */
export function createAskedReader(): (pod: Pod) => Asked | undefined {
  const queries = new Map<string, ServerQuery | undefined>();
  const queryOf = (text: string): ServerQuery | undefined => {
    if (queries.has(text)) return queries.get(text);
    if (queries.size >= MOST_QUERIES) queries.clear();
    const query = readQuery(text);
    queries.set(text, query);
    return query;
  };
  return (pod) => {
    const text = pod.metadata.annotations?.[ANNOTATION.query];
    const query = text === undefined || text.length > LONGEST_QUERY ? undefined : queryOf(text);
    return query && askedBy(query, pod);
  };
}

/** What cannot be read is no query: somebody has written over it. */
function readQuery(text: string): ServerQuery | undefined {
  try {
    return serverQuery.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function askedBy(query: ServerQuery, pod: Pod): Asked {
  const { metadata, spec, status } = pod;
  const port = spec.containers.flatMap((c) => c.ports ?? []).find(({ name }) => name === query.port);
  const main = status?.containerStatuses?.find(({ name }) => name === spec.containers[0]?.name);
  return {
    query,
    address: status?.podIP,
    port: port?.containerPort,
    isPlayed: port !== undefined && isPublished(port),
    isRunning: main?.state?.running !== undefined && !isRestarting(pod),
    container: main?.containerID ?? '',
    // After a change in place what was found before is of another container; the first new finding takes the mark off.
    verdict: metadata.annotations?.[ANNOTATION.changing] === undefined ? verdictOf(status) : undefined,
  };
}

const isPublished = ({ hostPort = 0, protocol }: ContainerPort): boolean =>
  hostPort > 0 && protocol === 'UDP';

function verdictOf(status: Pod['status']): Verdict | undefined {
  const told = status?.conditions?.find(({ type }) => type === POD_CONDITION.answers);
  if (told?.status !== 'True' && told?.status !== 'False') return undefined;
  const isRefused = told.reason === ('Refused' satisfies Unanswered);
  return {
    unanswered: told.status === 'True' ? undefined : isRefused ? 'Refused' : 'Silent',
    message: inLine(told.message ?? ''),
    since: parseTime(told.lastTransitionTime),
  };
}

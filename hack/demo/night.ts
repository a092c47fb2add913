import type { LoggedEvent, LoggedPod, PodLog } from '../../test/support/pod-log.ts';
import { holdsRoom } from '../../test/support/pod-log.ts';
import type { Cluster } from '../cluster/index.ts';
import { askServer, serversOf } from './servers.ts';

/**
 * examples/night-training on three nodes of 1500m cpu, which is room for nine tasks: by night six workers and three servers,
 * by day servers alone.
 */
export const STORY = {
  pool: 'match',
  job: 'night',
  workers: 6,
  nightServers: 3,
  dayServers: 9,
  nodeCpu: 1500,
};

/** What can be seen of a change of the pool's size, in the order in which it must happen. */
export const DAY = ['asked', 'evicted', 'gone', 'bound', 'ready', 'answering'] as const;
export const NIGHT = ['released', 'placed', 'training'] as const;
export type Moment = (typeof DAY)[number] | (typeof NIGHT)[number];

/** When it happened, ms after the change was asked for; what has not happened is not there. */
export type TimeLine = Partial<Record<Moment, number>>;

/** What each moment is, for people. */
export const MEANING: Readonly<Record<Moment, string>> = {
  asked: 'a worker is asked to go (the inverse offer)',
  evicted: 'the first worker is evicted',
  gone: 'the last worker is gone',
  bound: 'all new servers are bound',
  ready: 'all servers are Ready',
  answering: 'all servers answer players',
  released: 'the last surplus server is gone',
  placed: 'all workers are bound',
  training: 'all workers run',
};

const serversIn = (pods: readonly LoggedPod[]) =>
  pods.filter((pod) => pod.pool === STORY.pool && holdsRoom(pod));
const workersIn = (pods: readonly LoggedPod[]) =>
  pods.filter((pod) => pod.labels['proffer.dev/job'] === STORY.job && holdsRoom(pod));
const staying = (pod: LoggedPod) => !pod.deleting;

/** What has happened once an event has come and the Pods are these. */
function momentsOf({ pod }: LoggedEvent, pods: readonly LoggedPod[]): Moment[] {
  const workers = workersIn(pods);
  const servers = serversIn(pods);
  const now: Moment[] = [];
  const see = (moment: Moment, seen: boolean) => seen && now.push(moment);
  see('asked', workers.includes(pod) && pod.asked);
  see('evicted', workers.includes(pod) && pod.deleting);
  see('gone', workers.length === 0);
  see('bound', servers.filter(staying).length === STORY.dayServers);
  see('ready', servers.filter((server) => server.ready && staying(server)).length === STORY.dayServers);
  see('released', servers.length === STORY.nightServers);
  see('placed', workers.filter(staying).length === STORY.workers);
  see('training', workers.filter((worker) => worker.ready && staying(worker)).length === STORY.workers);
  return now;
}

/** When each of the moments came first after `from`, as the log of Pods tells. */
export function timeLine(log: PodLog, from: number, moments: readonly Moment[]): TimeLine {
  const out: TimeLine = {};
  log.replay((event, pods) => {
    if (event.at < from) return;
    for (const moment of momentsOf(event, [...pods.values()]))
      if (moments.includes(moment)) out[moment] ??= event.at - from;
  });
  return out;
}

/** Whether every server of the pool answers players, and there are as many as by day. */
export async function allAnswer(cluster: Cluster): Promise<boolean> {
  const servers = (await serversOf(cluster, 'default', STORY.pool)).filter((server) => !server.deleting);
  const answers = await Promise.all(servers.map(askServer));
  return servers.length === STORY.dayServers && answers.every((answer) => answer !== undefined);
}

/** Asks for so many servers. Returns when it asked, ms of performance.now(). */
export async function scale(cluster: Cluster, servers: number): Promise<number> {
  const from = performance.now();
  await cluster.kubectl('scale', `gsp/${STORY.pool}`, '-n', 'default', `--replicas=${servers}`);
  return from;
}

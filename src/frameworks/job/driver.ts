import { ANNOTATION, ENVIRONMENT, LABEL, TRACKING } from '../../api/group.ts';
import { frozenStatus } from '../../plan/frozen-status.ts';
import type { News } from '../../plan/telling.ts';
import type { DemandClass } from '../../snapshot/framework.ts';
import type { Launch } from '../../allocator/placing/offer.ts';
import type { JobFacts } from './facts.ts';
import type { Peers } from './peers.ts';
import { withWorkers, type Resizing } from './resize.ts';
import { foundOf } from './found.ts';
import { takeAll, takeEach } from '../common/answer.ts';
import type { WorkloadDriver } from '../common/driver.ts';
import { jobDraft } from './draft.ts';
import { jobEnded } from './seen.ts';
import { checkpointVariables } from './progress.ts';
import { hasWorkers } from './size.ts';
import { peerMarks } from './runtime.ts';
import { jobStatus } from './status.ts';

const sizeOf = (classes: readonly DemandClass[]): number => classes.reduce((sum, { size }) => sum + size, 0);

/** How many workers an elastic group has with those that are launched now. */
function presentSize(
  { group, members, told, elastic }: Resizing,
  classes: readonly DemandClass[],
  among: Launch['among'],
): number {
  const joining = among?.get(classes.find((c) => c.group === group)!.id) ?? 0;
  return (elastic.isFixed ? told : undefined) ?? members + joining;
}

/** What the Pod of a worker of an elastic group bears of the number that it is told. */
function told(
  { group, elastic }: Resizing,
  { runtime, groups }: Peers,
  workers: number,
): Record<string, string> {
  const isIn = groups.some(({ name, first }) => name === group && first !== undefined);
  if (runtime === 'None' || !isIn) return {};
  return { [ANNOTATION.workers]: String(elastic.isFixed ? workers : elastic.most) };
}

/** Training jobs: half a job trains nothing, and keeps others waiting. */
export const jobDriver: WorkloadDriver<JobFacts> = {
  word: 'worker',
  together: ({ workload }) => hasWorkers((workload as JobFacts).spec),
  draft: jobDraft,
  answer(bundle) {
    const { framework, offers } = bundle;
    if (framework.gang) return takeAll(bundle, 'workers');
    const { resizing } = foundOf(framework)!;
    const joins = resizing?.elastic.isFixed && offers.some((o) => o.demandClass.group === resizing.group);
    if (joins) return { kind: 'decline', reason: 'all workers start again, and more of them' };
    return takeEach(bundle, 'tasks than the job lacks');
  },
  marks(framework, { offer, vacancy, among }) {
    const { metadata, classes } = framework;
    const { group } = offer.demandClass;
    const at = classes.findIndex((c) => c.group === group);
    // Over all groups, in the order of the spec.
    const rank = sizeOf(classes.slice(0, at)) + vacancy.slot;
    const { attempt, peers, checkpointPath, progress, resizing } = foundOf(framework)!;
    const workers = resizing && presentSize(resizing, classes, among);
    // A group of workers has its size; one of tasks by index has none.
    const isTask = classes[at]!.size === 0;
    return {
      finalizers: [TRACKING],
      annotations: {
        ...(attempt > 0 ? { [ANNOTATION.attempt]: String(attempt) } : {}),
        ...(resizing?.group === group ? told(resizing, peers, workers!) : {}),
      },
      labels: {
        [LABEL.job]: metadata.name,
        [LABEL.group]: group,
        ...(isTask ? {} : { [LABEL.peers]: metadata.name }),
      },
      environment: [
        { name: ENVIRONMENT.group, value: group },
        ...(isTask
          ? [{ name: ENVIRONMENT.task, value: String(vacancy.slot) }]
          : [
              { name: ENVIRONMENT.rank, value: String(rank) },
              {
                name: ENVIRONMENT.world,
                value: String(sizeOf(classes) - (resizing ? resizing.elastic.most - workers! : 0)),
              },
            ]),
        { name: ENVIRONMENT.attempt, value: String(attempt) },
        ...checkpointVariables(checkpointPath, progress?.checkpointStep),
      ],
      ...peerMarks(
        resizing ? withWorkers(peers, resizing, workers!) : peers,
        group,
        vacancy.slot,
        metadata.uid ?? '',
      ),
    };
  },
  status(job, outcome, _recovered, now) {
    const { hold } = outcome.framework;
    if (hold?.freezes) return { status: frozenStatus(job, hold, now), news: [] };
    const status = jobStatus(job, outcome, now);
    const ends = !jobEnded(job) && status.completionTime !== undefined;
    const { phase, message: note = '' } = status;
    const [type, reason] =
      phase === 'Failed' ? (['Warning', 'Failed'] as const) : (['Normal', 'Succeeded'] as const);
    const countedFrom = foundOf(outcome.framework)?.version;
    const news: News[] = ends ? [{ type, reason, action: 'End', note }] : [];
    if (status.restart && status.restart.attempt !== job.status.restart?.attempt)
      news.push({
        type: 'Warning',
        reason: 'Restarting',
        action: 'Restart',
        note: `all workers start again: ${status.restart.reason}`,
      });
    const lostOf = ({ progress }: JobFacts['status']): number => progress?.lostSteps ?? 0;
    return { status, countedFrom, news, lostSteps: lostOf(status) - lostOf(job.status) };
  },
};

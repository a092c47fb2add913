import type { Offer } from '../allocator/engine/outcome.ts';
import { formatResources } from '../allocator/resources/resources.ts';
import { counted } from '../lib/figures.ts';
import type { StepReport } from './report.ts';

/** Seconds as people write them. */
export const secondsText = (seconds: number): string => `${Math.round(seconds * 1000) / 1000} s`;

/** Things of one sort that a step led to. */
interface Group {
  readonly mark: string;
  readonly plural: string;
  /** Each in words, and to whom it is counted when they are too many. */
  readonly items: readonly { readonly text: string; readonly whose: string }[];
}

const offerItem = ({ framework, role, agent, resources }: Offer) => ({
  text: `${framework} as ${role} on ${agent}: ${formatResources(resources)}`,
  whose: framework,
});

function groupsOf(report: StepReport): Group[] {
  const { offers, inverseOffers, rescinded, rescindedInverse, tasks, dropped, ended } = report;
  return [
    {
      mark: '■ ended',
      plural: 'tasks',
      items: ended.map(({ task, framework }) => ({ text: task, whose: framework })),
    },
    {
      mark: '← taken back',
      plural: 'offers',
      items: rescinded.map(({ offer, reason }) => {
        const { text, whose } = offerItem(offer);
        return { text: `${text} (${reason})`, whose };
      }),
    },
    {
      mark: '← taken back',
      plural: 'inverse offers',
      items: rescindedInverse.map(({ framework, agent, reason }) => ({
        text: `inverse offer to ${framework} for ${agent} (${reason})`,
        whose: framework,
      })),
    },
    { mark: '→ offer', plural: 'offers', items: offers.map(offerItem) },
    {
      mark: '→ inverse offer',
      plural: 'inverse offers',
      items: inverseOffers.map(({ framework, agent }) => ({
        text: `${framework} for ${agent}`,
        whose: framework,
      })),
    },
    {
      mark: '● task',
      plural: 'tasks',
      items: tasks.map(({ task, framework, state, reason }) => ({
        text: state === 'launched' ? task : `${task} ${state}: ${reason}`,
        whose: state === 'launched' ? framework : `${framework} (${state})`,
      })),
    },
    {
      mark: '✗ dropped',
      plural: 'operations',
      items: dropped.map(({ operation, resources, reason }) => ({
        text: `${`${operation} ${formatResources(resources)}`.trimEnd()}: ${reason}`,
        whose: operation,
      })),
    },
  ];
}

/** Counts by whose they are, the most first. */
function tally({ items }: Group, most: number): string {
  const counts = new Map<string, number>();
  for (const { whose } of items) counts.set(whose, (counts.get(whose) ?? 0) + 1);
  const all = [...counts].sort(([, a], [, b]) => b - a);
  const shown = all.slice(0, most).map(([whose, count]) => `${whose} ${count.toLocaleString('en-US')}`);
  return [...shown, ...(all.length > most ? [`… ${all.length - most} more`] : [])].join(', ');
}

function linesOf(group: Group, most: number): string[] {
  const { mark, plural, items } = group;
  if (items.length <= most) return items.map(({ text }) => `${mark} ${text}`);
  const [sign] = mark;
  const verb = mark.slice(2);
  const what = verb === 'ended' || verb === 'taken back' ? `${plural} ${verb}` : plural;
  return [`${sign} ${items.length.toLocaleString('en-US')} ${what}: ${tally(group, most)}`];
}

function verdict({ differences, order }: StepReport): string[] {
  const lines = order === undefined ? [] : [`order: ${order.join(', ') || 'nobody'}`];
  if (differences === null) return lines;
  if (differences.length === 0) return [...lines, '✓ holds'];
  return [...lines, `✗ does not hold: ${counted(differences.length, 'difference')}, shown at the end`];
}

const INDENT = ' '.repeat(16);

/** A step and what it led to, as lines of text. @param most lines of one sort; more are counted instead */
export function stepText(report: StepReport, most: number): string {
  const { step, time, event, words } = report;
  const head = `${String(step).padStart(5)}${secondsText(time).padStart(9)}  ${event} ${words}`.trimEnd();
  const body = groupsOf(report).flatMap((group) => linesOf(group, most));
  return `${[head, ...[...body, ...verdict(report)].map((line) => `${INDENT}${line}`)].join('\n')}\n`;
}

import { readFileSync } from 'node:fs';

/**
 * One process, for ever: a pid alone is reused after its process has ended, a pid with its start time within
 * one boot of the kernel is not.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process (field 22 of /proc/PID/stat). */
  readonly startTicks: string;
  readonly bootId: string;
}

/** Start time out of the text of /proc/PID/stat; the command in it may hold spaces and brackets. */
export const startTicksOf = (stat: string): string | undefined => {
  const afterCommand = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat.includes(')') ? afterCommand[19] : undefined;
};

/** State letter (R, S, D, Z, ...) out of the text of /proc/PID/stat. */
export const stateLetterOf = (stat: string): string | undefined => stat[stat.lastIndexOf(')') + 2];

/** `pid startTicks bootId`, as kept in pid files. */
export const formatIdentity = (identity: ProcessIdentity): string =>
  `${identity.pid} ${identity.startTicks} ${identity.bootId}\n`;

/** Reads what `formatIdentity` wrote; undefined for a text cut short by a crash. */
export const parseIdentity = (text: string): ProcessIdentity | undefined => {
  const match = /^(\d+) (\d+) ([0-9a-f-]{36})\n$/.exec(text);
  if (!match?.[1] || !match[2] || !match[3]) return undefined;
  return { pid: Number(match[1]), startTicks: match[2], bootId: match[3] };
};

const readStat = (pid: number): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
};

const currentBootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** The identity of a living process; undefined when there is none of that pid. */
export const identityOf = (pid: number): ProcessIdentity | undefined => {
  const stat = readStat(pid);
  const startTicks = stat === undefined ? undefined : startTicksOf(stat);
  return startTicks === undefined ? undefined : { pid, startTicks, bootId: currentBootId() };
};

/** Whether that very process still runs (a zombie does not). */
export const isAlive = (identity: ProcessIdentity): boolean => {
  const stat = readStat(identity.pid);
  if (stat === undefined || stateLetterOf(stat) === 'Z') return false;
  return startTicksOf(stat) === identity.startTicks && currentBootId() === identity.bootId;
};

import { readFileSync, writeFileSync } from 'node:fs';

/** What a process has used so far. */
export interface Usage {
  /** Seconds of processor time, user and system. */
  readonly cpuSeconds: number;
  /** Resident memory, MiB. */
  readonly rssMib: number;
}

/** Clock ticks a second in /proc; fixed at 100 on Linux for user space. */
const TICKS = 100;

/** Reads what a process has used. @throws when it does not exist */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS, rssMib: Number(rss) / 1024 };
}

/** The most memory that a process had resident, MiB, since its start or since `forgetPeak`. */
export const peakMib = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** From now on counts the peak of a process' memory anew. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

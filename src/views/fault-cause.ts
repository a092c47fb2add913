import { faultGrade, type AgentHealth } from '../recovery/health.ts';

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** What monitoring has against a node, in words; empty for a healthy one. */
export function faultCause(health: AgentHealth): string {
  const parts: string[] = [];
  if (health.deleting) parts.push('is being deleted');
  // Less than a second stands for a time that nobody knows, or that does not count against it.
  const since = health.unfitMs < 1000 ? '' : ` for ${seconds(health.unfitMs)}`;
  if (health.unfitMs > 0) parts.push(`${health.cause || 'unfit'}${since}`);
  parts.push(...health.pressures);
  if (parts.length === 0 && faultGrade(health) > 0) parts.push(`came back ${seconds(health.backMs)} ago`);
  return parts.join(', ');
}

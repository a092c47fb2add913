import { faultGrade, type AgentHealth } from '../../recovery/health.ts';

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** What monitoring has against a node, in words; empty for a healthy one. */
export function faultCause(health: AgentHealth): string {
  const parts: string[] = [];
  if (health.deleting) parts.push('is being deleted');
  if (health.unfitMs > 0) parts.push(`${health.cause || 'unfit'} for ${seconds(health.unfitMs)}`);
  parts.push(...health.pressures);
  if (parts.length === 0 && faultGrade(health) > 0) parts.push(`came back ${seconds(health.backMs)} ago`);
  return parts.join(', ');
}

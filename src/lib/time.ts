/** An RFC 3339 time as milliseconds since the epoch; 0 when it is missing or unreadable. */
export function parseTime(text: string | undefined): number {
  return text ? Date.parse(text) || 0 : 0;
}

/**
 * A time that another machine's clock gave, as far as it can be true: never after `now`, and not before `earliest`. Who
 * can see a thing happen takes the own clock instead; this is for what had happened before anybody looked.
 */
export const boundedTime = (told: number, earliest: number, now: number): number =>
  Math.min(now, Math.max(told, earliest));

/** Milliseconds since the epoch as the RFC 3339 text, to the second, that Kubernetes writes (metav1.Time). */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

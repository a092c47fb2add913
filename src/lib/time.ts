/** An RFC 3339 time as milliseconds since the epoch; 0 when it is missing or unreadable. */
export function parseTime(text: string | undefined): number {
  return text ? Date.parse(text) || 0 : 0;
}

/** Milliseconds since the epoch as the RFC 3339 text, to the second, that Kubernetes writes (metav1.Time). */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

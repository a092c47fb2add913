import { formatTime } from '../../src/lib/time.ts';

/** The instant at which built objects exist and snapshots are taken, ms since the epoch. */
export const NOW = Date.parse('2026-01-01T12:00:00Z');

/** A moment `seconds` before NOW, as Kubernetes writes it. */
export const ago = (seconds: number): string => formatTime(NOW - seconds * 1000);

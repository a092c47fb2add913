import { ANNOTATION, LABEL, SESSION_PREFIX } from '../api/group.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { sessionFields } from '../snapshot/sessions.ts';

/** What stands of a session on the Pod of its server. Times are RFC 3339. */
export interface Entry {
  readonly state: 'Allocated' | 'Reserved';
  readonly heldSince?: string;
  readonly heldUntil?: string;
  readonly sessionUntil?: string;
  /** What the caller wrote with it. */
  readonly annotations: Readonly<Record<string, string>>;
}

const TIMES = ['heldSince', 'heldUntil', 'sessionUntil'] as const;

/** An entry out of whatever says its parts. */
function entry(
  state: unknown,
  timeOf: (name: (typeof TIMES)[number]) => unknown,
  annotations: Entry['annotations'],
): Entry {
  const times = TIMES.flatMap((name) => {
    const time = timeOf(name);
    return typeof time === 'string' ? [[name, time]] : [];
  });
  return {
    state: state === 'Reserved' ? 'Reserved' : 'Allocated',
    ...(Object.fromEntries(times) as Partial<Record<(typeof TIMES)[number], string>>),
    annotations,
  };
}

/** What becomes of the server of a session that is over, where nobody says so then. */
export const nextAfter = ({ annotations }: Entry): 'Ready' | 'Drain' =>
  annotations[ANNOTATION.sessionNext] === 'Drain' ? 'Drain' : 'Ready';

/** Keys of the annotations that the one session of a server wrote. */
const keysIn = (annotations: Readonly<Record<string, string>>): string[] =>
  (annotations[ANNOTATION.sessionKeys] ?? '').split(',').filter((key) => key !== '');

/** What stands of a session on a Pod, alone or as one of several; undefined when nothing does. */
export function entryOf({ metadata: { labels = {}, annotations = {} } }: Pod, id: string): Entry | undefined {
  // Who takes the label off gives the server back; what else is there was left behind.
  if ((labels[LABEL.state] ?? '') === '') return undefined;
  if (labels[LABEL.session] === id) {
    const written = keysIn(annotations).map((key) => [key, annotations[key] ?? '']);
    return entry(
      labels[LABEL.state],
      (name) => annotations[ANNOTATION[name]],
      Object.fromEntries(written) as Record<string, string>,
    );
  }
  const fields = sessionFields(annotations[`${SESSION_PREFIX}${id}`] ?? '');
  if (!fields) return undefined;
  const written = Object.entries(fields['annotations'] ?? {}).filter(
    (each): each is [string, string] => typeof each[1] === 'string',
  );
  return entry(fields['state'], (name) => fields[name], Object.fromEntries(written));
}

/** A place in an object, and of which of its fields nothing is told. */
interface Place {
  readonly leavesOut: (field: string) => boolean;
  readonly inner?: ReadonlyMap<string, Place>;
}

const EVERYWHERE: Place = { leavesOut: () => false };

/** The API server copies labels of the node onto Pods that are bound to it. */
export const isOfNode = (label: string): boolean => label.startsWith('topology.kubernetes.io/');

/** What the API server gives each Pod anew. */
const OF_EACH = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'managedFields']);
const METADATA: Place = {
  leavesOut: (field) => OF_EACH.has(field),
  inner: new Map([['labels', { leavesOut: isOfNode }]]),
};
const POD: Place = { ...EVERYWHERE, inner: new Map([['metadata', METADATA]]) };

/** The volume of a service account's token has a name that ends by chance. */
const TOKEN_VOLUME = /\b(kube-api-access)-[a-z0-9]{5}\b/g;

/**
 * What the API server made of a Pod beside what was sent, as text. It is equal for two Pods of a class that it made the same
 * of, and far cheaper than to read both.
 */
export const differenceOf = (sent: object, stored: object): string =>
  between(sent as Fields, stored as Fields, POD).replaceAll(TOKEN_VOLUME, '$1');

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function between(sent: Fields, stored: Fields, { leavesOut, inner }: Place): string {
  let text = '';
  const tell = (field: string, its: unknown, made: unknown): void => {
    if (leavesOut(field)) return;
    const isInner = isFields(its) && isFields(made) && Array.isArray(its) === Array.isArray(made);
    const difference = isInner
      ? between(its, made, inner?.get(field) ?? EVERYWHERE)
      : `${JSON.stringify(its)} became ${JSON.stringify(made)}`;
    if (difference !== '') text += `${JSON.stringify(field)}: {${difference}}\n`;
  };
  for (const field of Object.keys(stored))
    if (sent[field] !== stored[field]) tell(field, sent[field], stored[field]);
  for (const field of Object.keys(sent))
    if (!Object.hasOwn(stored, field)) tell(field, sent[field], undefined);
  return text;
}

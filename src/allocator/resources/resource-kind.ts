/** How a disk can be had: PATH in parts, the others only whole. */
export type DiskType = 'PATH' | 'MOUNT' | 'BLOCK' | 'RAW';

/** What two resources must share to be the same thing in two amounts. */
export interface KindFields {
  readonly name: string;
  readonly type: 'scalar' | 'ranges' | 'set';
  /** Roles of the reservation and its refinements, the innermost last; empty = unreserved. */
  readonly reservations: readonly string[];
  /** May be taken back at any time (oversubscription). */
  readonly revocable: boolean;
  /** Several may hold it at a time; only reserved volumes. */
  readonly shared: boolean;
  readonly disk: DiskType | '';
  /** Id of a persistent volume, or empty. */
  readonly volume: string;
}

/** A kind of resource, one object for each, so that kinds compare by identity. */
export interface Kind extends KindFields {
  readonly id: number;
  /** Index of the name in every array of quantities. */
  readonly column: number;
  /** The role it is reserved for, or empty. */
  readonly reservedTo: string;
  /** Only as a whole: never cut, never merged with its like. */
  readonly whole: boolean;
  /** A scalar neither reserved nor revocable: what quota counts and chops. */
  readonly plain: boolean;
  /** What stands before the colon in text. */
  readonly label: string;
  /** Kinds stand in the order of these texts. */
  readonly sortKey: string;
}

/** What accounts and quota see of a kind. Its column may be one of a snapshot instead. */
export type CountedKind = Pick<Kind, 'id' | 'column' | 'type' | 'shared' | 'plain' | 'reservedTo'>;

/** Names that people expect first, in this order. */
const FIRST = ['cpus', 'mem', 'disk', 'gpus', 'ports'];

// One table for the process: identity of kinds and columns of names are only for speed; no result depends on
// the order in which they were first seen.
const kinds = new Map<string, Kind>();
const columns = new Map<string, number>();
const names: string[] = [];

/** The column of a name in arrays of quantities; columns are never taken back. */
export function columnOf(name: string): number {
  let column = columns.get(name);
  if (column === undefined) {
    column = names.length;
    columns.set(name, column);
    names.push(name);
  }
  return column;
}

const NO_COLUMNS: ReadonlySet<number> = new Set();

/** The columns of several names. */
export const columnsOf = (list: readonly string[]): ReadonlySet<number> =>
  list.length === 0 ? NO_COLUMNS : new Set(list.map(columnOf));

/** The name of a column. */
export const nameOf = (column: number): string => names[column]!;

for (const name of FIRST) columnOf(name);

/** The fields of a plain scalar. */
export const plainScalar = (name: string): KindFields => ({
  name,
  type: 'scalar',
  reservations: [],
  revocable: false,
  shared: false,
  disk: '',
  volume: '',
});

function labelOf(fields: KindFields): string {
  const flags = [
    fields.disk,
    fields.volume === '' ? '' : `VOLUME=${fields.volume}`,
    fields.shared ? 'SHARED' : '',
    fields.revocable ? 'REV' : '',
  ].filter((flag) => flag !== '');
  const reservations = fields.reservations.length === 0 ? '' : `(${fields.reservations.join('|')})`;
  return `${fields.name}${reservations}${flags.length === 0 ? '' : `{${flags.join(',')}}`}`;
}

/** The one object of a kind. */
export function kindOf(fields: KindFields): Kind {
  const label = labelOf(fields);
  const key = `${label}:${fields.type}`;
  const known = kinds.get(key);
  if (known !== undefined) return known;
  const rank = FIRST.indexOf(fields.name);
  const { name, type, reservations, revocable, shared, disk, volume } = fields;
  const kind: Kind = {
    name,
    type,
    reservations: [...reservations],
    revocable,
    shared,
    disk,
    volume,
    id: kinds.size,
    column: columnOf(name),
    reservedTo: reservations.at(-1) ?? '',
    whole: shared || volume !== '' || (disk !== '' && disk !== 'PATH'),
    plain: type === 'scalar' && reservations.length === 0 && !revocable,
    label,
    sortKey: `${rank < 0 ? '9' : String(rank)}${name}\u0000${reservations.join('|')}\u0000${key}`,
  };
  kinds.set(key, kind);
  return kind;
}

/** The same thing under another reservation. */
export const withReservations = (kind: Kind, reservations: readonly string[]): Kind =>
  kindOf({ ...kind, reservations });

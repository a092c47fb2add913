import { counted, percent } from '../lib/figures.ts';
import type { CycleStamp } from '../server/debug.ts';
import type { ClassView, FaultCell, FitCell, MatricesView, ScoreCell } from '../views/matrices.ts';
import { columnsThatFit, leftOut, tableLines, type Column } from '../lib/table.ts';
import { timeOfDay } from './words.ts';

const label = ({ framework, group }: ClassView): string =>
  group === '' ? framework : `${framework} ${group}`;

/** Bytes that no unit divides, as far as a table has room for them: 249.5Gi. */
function short(amount: string): string {
  if (!/^\d{7,}$/.test(amount)) return amount;
  const [size, unit] = Number(amount) < 2 ** 30 ? [2 ** 20, 'Mi'] : [2 ** 30, 'Gi'];
  return `${(Number(amount) / size).toFixed(1)}${unit}`;
}

function supply({ S }: MatricesView): string[] {
  // Of hugepages and the like most nodes have none.
  const resources = Object.keys(S[0]?.free ?? {}).filter((name) =>
    S.some((row) => row.allocatable[name] !== '0'),
  );
  const columns: Column[] = ['NODE', ...resources.map((name) => `>${name.toUpperCase()}`), '>HOST PORTS'];
  const rows = S.map(({ node, free, allocatable, freeHostPorts }) => [
    node,
    ...resources.map((name) => `${short(free[name]!)} / ${short(allocatable[name]!)}`),
    String(freeHostPorts),
  ]);
  return ['S  supply: what each node can still give, of what it has', ...tableLines(columns, rows)];
}

/** Why a node that may have the room does not take a class; any other word is what it is short of. */
const NODE_WORDS: ReadonlySet<string> = new Set(['unfit', 'selector', 'affinity', 'taint', 'cordon']);

function nodesInWords(nodes: ClassView['nodes']): string {
  const { takes = 0, ...others } = nodes;
  return [`${takes} of ${Object.values(nodes).reduce((a, b) => a + b, 0)}`]
    .concat(
      Object.entries(others).map(
        ([why, count]) => `${count} ${NODE_WORDS.has(why) ? why : `short of ${why}`}`,
      ),
    )
    .join(', ');
}

function demand({ classes }: MatricesView): string[] {
  const resources = [...new Set(classes.flatMap((c) => Object.keys(c.demand)))].filter(
    (name) => name !== 'pods',
  );
  const columns: Column[] = [
    '>#',
    'CLASS',
    '>PENDING',
    ...resources.map((name) => `>${name.toUpperCase()}`),
    '>HOST PORTS',
    '>ROOM',
    'NODES THAT TAKE IT',
  ];
  const rows = classes.map((c, j) => [
    `#${j + 1}`,
    label(c),
    String(c.pending),
    ...resources.map((name) => c.demand[name] ?? '-'),
    String(c.hostPorts),
    String(c.room),
    nodesInWords(c.nodes),
  ]);
  return [
    'D  demand: what one task of each class takes, and how many more the cluster has room for',
    ...tableLines(columns, rows),
  ];
}

/** A table with a row for each node and a column for each class, as many as the width has room for. */
function perNode<Cell>(
  title: string,
  { nodes, classes }: MatricesView,
  cells: readonly (readonly Cell[])[],
  words: (cell: Cell) => string,
  width: number,
  extra?: { readonly title: string; readonly of: (row: readonly Cell[]) => string },
): string[] {
  const columns: Column[] = ['NODE', ...classes.map((_, j) => `#${j + 1}`)];
  const rows = nodes.map((node, i) => [node, ...cells[i]!.map(words)]);
  const extras = extra === undefined ? [] : cells.map(extra.of);
  const room =
    extra === undefined ? width : width - Math.max(extra.title.length, ...extras.map((e) => e.length)) - 3;
  const kept = columnsThatFit(columns, rows, room, 2);
  const shown = rows.map((row, i) => [...row.slice(0, kept), ...(extra === undefined ? [] : [extras[i]!])]);
  const titles = [...columns.slice(0, kept), ...(extra === undefined ? [] : [extra.title])];
  const more = { shown: kept - 1, total: classes.length };
  return [
    title,
    ...tableLines(titles, shown),
    ...leftOut(more, 'class', 'widen the terminal, or name a workload'),
  ];
}

const fitInWords = ({ fit, why }: FitCell): string => (why === undefined ? String(fit) : `0 ${why}`);

const scoreInWords = ({ score, penalty, here }: ScoreCell, spread: boolean): string =>
  `${score}${penalty > 0 ? ` - ${penalty}` : ''}${spread && here > 0 ? ` (${here} here)` : ''}`;

/** Causes of a row of C: said once when they hold for every class. */
function causes(row: readonly FaultCell[]): string {
  const said = new Map<string, string[]>();
  row.forEach(({ cause }, j) => {
    if (cause === undefined) return;
    const classes = said.get(cause);
    if (classes) classes.push(`#${j + 1}`);
    else said.set(cause, [`#${j + 1}`]);
  });
  return [...said]
    .map(([cause, classes]) => (classes.length === row.length ? cause : `${cause} (${classes.join(', ')})`))
    .join('; ');
}

function taskOrder({ classes }: MatricesView): string[] {
  const columns: Column[] = ['>#', 'CLASS', 'ROLE', '>ROLE SHARE', '>PRIORITY', '>OWN SHARE', 'NODES'];
  const rows = classes.map((c, j) => [
    `#${j + 1}`,
    label(c),
    c.role,
    percent(c.order.roleShare),
    String(c.order.priority),
    percent(c.order.frameworkShare),
    c.scheduling,
  ]);
  const title =
    '   tasks: least role share (by weight) first, in a role highest priority first, then least own share';
  return [title, ...tableLines(columns, rows)];
}

/** S, D, A, B and C as tables, for a terminal of the given width. */
export function matrixTables(view: MatricesView & CycleStamp, width: number): string {
  const { nodeCount, classCount, classes } = view;
  const more = leftOut(nodeCount, 'node', 'raise --limit, or give --node NAME');
  const head = `As of ${timeOfDay(view.at)}: ${counted(nodeCount.total, 'node')}, ${counted(classCount.total, 'demand class')}; the cycle took ${view.durationMs.toFixed(1)} ms.`;
  const spread = (j: number): boolean => classes[j]!.scheduling === 'Distributed';
  const scores = view.B.map((row) => row.map((cell, j) => scoreInWords(cell, spread(j))));
  const parts: string[][] = [[head]];
  if (view.nodes.length > 0) parts.push([...supply(view), ...more]);
  if (classes.length > 0) {
    parts.push([
      ...demand(view),
      ...leftOut(classCount, 'class', 'name a workload, such as ' + classes[0]!.framework),
    ]);
  }
  if (view.nodes.length > 0 && classes.length > 0) {
    parts.push(
      [
        ...perNode(
          'A  resource competition: how many more tasks of each class fit; where none does, why',
          view,
          view.A,
          fitInWords,
          width,
        ),
        ...more,
      ],
      [
        ...perNode(
          'B  priority: nodes are taken by score - penalty, highest first',
          view,
          scores,
          (cell) => cell,
          width,
        ),
        ...more,
        '',
        ...taskOrder(view),
      ],
      [
        ...perNode(
          'C  fault tolerance: 0 healthy, 1 must not place',
          view,
          view.C,
          ({ grade }) => String(grade),
          width,
          {
            title: 'CAUSE',
            of: causes,
          },
        ),
        ...more,
      ],
    );
  }
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

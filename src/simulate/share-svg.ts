import type { Curve, Curves } from './history.ts';
import { axisTop, ticks } from './share-axis.ts';
import { percent } from '../lib/figures.ts';

const WIDTH = 960;
const HEIGHT = 460;
const LEFT = 72;
const RIGHT = 230;
const TOP = 56;
const BOTTOM = 60;
const MOST_ROLES = 16;
const MOST_LABEL = 20;
/** Okabe and Ito's colours, which people of every colour vision tell apart. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000', '#8A7F00'];
const DASHES = ['', '7 4'];

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Turns shares and times into places on the page. */
interface Scale {
  readonly x: (value: number) => number;
  readonly y: (share: number) => number;
  readonly top: number;
}

function scaleOf({ from, to, top }: Curves): Scale {
  const high = axisTop(top);
  const across = WIDTH - LEFT - RIGHT;
  const down = HEIGHT - TOP - BOTTOM;
  return {
    x: (value) => LEFT + (to === from ? 0 : ((value - from) / (to - from)) * across),
    y: (share) => TOP + down - (share / high) * down,
    top: high,
  };
}

/** A share stays as it is until it changes. */
function pathOf({ points }: Curve, { x, y }: Scale): string {
  let path = '';
  let last: string | undefined;
  for (const point of points) {
    const height = round(y(point.share));
    if (last === undefined) path = `M${round(x(point.x))} ${height}`;
    else if (height !== last) path += `H${round(x(point.x))}V${height}`;
    last = height;
  }
  const end = points.at(-1);
  return end === undefined ? path : `${path}H${round(x(end.x))}`;
}

function grid(curves: Curves, { x, y, top }: Scale): string[] {
  const bottom = HEIGHT - BOTTOM;
  const across = ticks(0, top, 5).map((share) => {
    const at = round(y(share));
    return (
      `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#dddddd"/>` +
      `<text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${round(share * 100)} %</text>`
    );
  });
  const down = ticks(curves.from, curves.to, 8).map((value) => {
    const at = round(x(value));
    return (
      `<line x1="${at}" y1="${bottom}" x2="${at}" y2="${bottom + 5}" stroke="#444444"/>` +
      `<text x="${at}" y="${bottom + 20}" text-anchor="middle">${value}</text>`
    );
  });
  const middle = round((LEFT + WIDTH - RIGHT) / 2);
  const centre = round((TOP + bottom) / 2);
  return [
    ...across,
    ...down,
    `<path d="M${LEFT} ${TOP}V${bottom}H${WIDTH - RIGHT}" fill="none" stroke="#444444"/>`,
    `<text x="${middle}" y="${HEIGHT - 16}" text-anchor="middle">${curves.axis === 'time' ? 'time (s)' : 'step'}</text>`,
    `<text x="18" y="${centre}" text-anchor="middle" transform="rotate(-90 18 ${centre})">dominant share, by weight</text>`,
  ];
}

/** Colour, dashes and width of a curve. The first ones are wider, so that equal ones show under each other. */
function strokeOf(place: number, count: number): string {
  const colour = COLOURS[place % COLOURS.length]!;
  const dash = DASHES[Math.floor(place / COLOURS.length) % DASHES.length]!;
  const width = round(2 + (3 * (count - 1 - place)) / Math.max(1, count - 1));
  return `fill="none" stroke="${colour}" stroke-width="${width}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
}

/** Shares along time as a picture that needs nothing else. @param title stands above it */
export function shareSvg(curves: Curves, title: string): string {
  const scale = scaleOf(curves);
  const shown = curves.curves.slice(0, MOST_ROLES);
  const lines = shown.map((curve, i) => `<path d="${pathOf(curve, scale)}" ${strokeOf(i, shown.length)}/>`);
  const at = WIDTH - RIGHT + 20;
  const legend = shown.map(({ role, last }, i) => {
    const y = TOP + 10 + i * 20;
    const name = role.length > MOST_LABEL ? `${role.slice(0, MOST_LABEL - 1)}…` : role;
    return (
      `<path d="M${at} ${y}h26" ${strokeOf(i, shown.length)}/>` +
      `<text x="${at + 34}" y="${y}" dy="4">${escaped(name)}</text>` +
      `<text x="${WIDTH - 8}" y="${y}" dy="4" text-anchor="end">${percent(last)}</text>`
    );
  });
  const hidden = curves.curves.length - shown.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="sans-serif" font-size="13" fill="#222222">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="30" font-size="16" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${WIDTH - 8}" y="30" text-anchor="end">role and its last share</text>`,
    ...grid(curves, scale),
    // The widest ones first, so that the others lie on them.
    ...lines,
    ...legend,
    ...(hidden > 0 ? [`<text x="${at}" y="${TOP + 14 + shown.length * 20}">… ${hidden} more</text>`] : []),
    ...(shown.length === 0
      ? [
          `<text x="${round((LEFT + WIDTH - RIGHT) / 2)}" y="${HEIGHT / 2}" text-anchor="middle">nobody held anything</text>`,
        ]
      : []),
    '</svg>',
    '',
  ].join('\n');
}

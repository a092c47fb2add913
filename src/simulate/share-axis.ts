const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1];

/** Where an axis of shares ends: a round number at or over the largest share. */
export const axisTop = (top: number): number =>
  STEPS.find((step) => step >= top - 1e-9) ?? Math.ceil(top - 1e-9);

/** Round numbers along an axis, about `count` of them, both ends within. */
export function ticks(from: number, to: number, count: number): number[] {
  if (to <= from) return [from];
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const list: number[] = [];
  // Plus 0, since rounding up a little less than nothing gives -0.
  for (let i = Math.ceil(from / step - 1e-9) + 0; i * step <= to + step * 1e-9; i++) {
    list.push(Math.round(i * step * 1e6) / 1e6);
  }
  return list;
}

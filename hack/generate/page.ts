/** Text for a cell of a Markdown table. */
export const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');

/** Text in code style. */
export const code = (text: string): string => `\`${text}\``;

/** A Markdown table. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---|').join('')}`, ...rows.map(line)];
}

/** The first line of a generated page. */
export const generatedFrom = (source: string): string =>
  `<!-- Generated from ${source} by \`npm run generate\`. Do not edit. -->`;

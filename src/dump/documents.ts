import { LineCounter, parseAllDocuments } from 'yaml';
import { BlockYaml, OtherStyle } from './block-yaml.ts';
import { DumpError } from './dump-error.ts';

/** One document of a file. */
export interface Document {
  readonly value: unknown;
  /** The file, and the number of the document where there are several. */
  readonly where: string;
}

/** Where one document stands in a text. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Splits a text at its lines `---`. */
function extents(text: string): Extent[] {
  const out: Extent[] = [];
  let from = 0;
  for (const { index, 0: line } of text.matchAll(/^---(?:[ \t]*|[ \t]+#.*)$/gm)) {
    out.push({ from, to: index });
    from = index + line.length;
  }
  return [...out, { from, to: text.length }];
}

/** Reads every YAML document of a text with the general reader. @throws DumpError */
function generally(text: string, file: string): unknown[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  return [...documents].map((document) => {
    const [broken] = document.errors;
    if (broken !== undefined) {
      const { line } = lines.linePos(broken.pos[0]);
      throw new DumpError(`${file}:${line}: is neither YAML nor JSON: ${broken.message}`);
    }
    try {
      return document.toJS() as unknown;
    } catch (error) {
      // Such as aliases that would grow without bounds.
      throw new DumpError(`${file}: is no YAML: ${(error as Error).message}`, { cause: error });
    }
  });
}

function values(text: string, file: string): unknown[] {
  if (/^\s*[{[]/.test(text)) {
    try {
      return [JSON.parse(text)];
    } catch {
      // YAML may begin with a brace, and several JSON documents are YAML documents.
    }
  }
  // A byte order mark, tabs, carriage returns, anchors and directives are not kubectl's.
  if (/^(\uFEFF|%)|\r/.test(text)) return generally(text, file);
  try {
    return extents(text).map(({ from, to }) => new BlockYaml(text, from, to).read());
  } catch (error) {
    if (!(error instanceof OtherStyle) && (error as Error).name !== 'YAMLParseError') throw error;
    return generally(text, file);
  }
}

/**
 * Reads a file of YAML documents or of JSON. Documents that say nothing are left out.
 * @param file its name, for messages
 * @throws DumpError that names the line
 */
export function readDocuments(text: string, file: string): Document[] {
  const all = values(text, file);
  const several = all.filter((value) => value !== null).length > 1;
  return all.flatMap((value, i) =>
    value === null ? [] : [{ value, where: several ? `${file}, document ${i + 1}` : file }],
  );
}

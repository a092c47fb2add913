import { parseAllDocuments } from 'yaml';
import { BlockYaml, OtherStyle } from './block-yaml.ts';
import { messageOf } from '../lib/errors.ts';
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

/** The number of the line in which a position of a text is. */
const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;

/** Reads every YAML document of a part of a text with the general reader. @throws DumpError */
function generally(text: string, { from, to }: Extent, file: string): unknown[] {
  const documents = parseAllDocuments(text.slice(from, to), { prettyErrors: false });
  return [...documents].map((document) => {
    const [broken] = document.errors;
    if (broken !== undefined) {
      const line = lineAt(text, from + broken.pos[0]);
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

/** Strings, which may hold brackets, and brackets. */
const JSON_TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g;

/**
 * JSON documents one after the other, a line each or over many, as kubectl, jq and cat write them.
 * @returns undefined when not even the first is JSON
 * @throws DumpError when a later one is not
 */
function jsonInARow(text: string, { from, to }: Extent, file: string): unknown[] | undefined {
  const part = text.slice(from, to).replace(/^\uFEFF/, '');
  try {
    return [JSON.parse(part)];
  } catch {
    // More than one, or none.
  }
  const out: unknown[] = [];
  let [start, depth] = [0, 0];
  try {
    for (const { index, 0: token } of part.matchAll(JSON_TOKEN)) {
      if (token === '{' || token === '[') depth++;
      else if ((token === '}' || token === ']') && --depth <= 0) {
        out.push(JSON.parse(part.slice(start, index + 1)));
        start = index + 1;
      }
    }
    if (part.slice(start).trim() !== '') JSON.parse(part.slice(start));
  } catch (error) {
    if (out.length === 0) return undefined;
    const line = lineAt(text, from + start) + 1;
    throw new DumpError(`${file}:${line}: is no JSON, as what is before it: ${messageOf(error)}`);
  }
  return out;
}

/** The values of a part of a text without a line `---`. @throws DumpError */
function valuesOf(text: string, extent: Extent, file: string): unknown[] {
  const { from, to } = extent;
  const part = text.slice(from, to);
  // YAML may begin with a brace, too.
  const json = /^\uFEFF?\s*[{[]/.test(part) && jsonInARow(text, extent, file);
  if (json) return json;
  try {
    // A byte order mark and carriage returns are not kubectl's.
    if (/^\uFEFF|\r/.test(part)) return generally(text, extent, file);
    return [new BlockYaml(text, from, to).read()];
  } catch (error) {
    if (!(error instanceof OtherStyle) && (error as Error).name !== 'YAMLParseError') throw error;
    return generally(text, extent, file);
  }
}

function values(text: string, file: string): unknown[] {
  // Directives stand before the line that they are for.
  if (/^%/m.test(text)) return generally(text, { from: 0, to: text.length }, file);
  return extents(text).flatMap((extent) => valuesOf(text, extent, file));
}

/**
 * Reads a file of documents of YAML, of JSON, or of both. Documents that say nothing are left out.
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

import { parse } from 'yaml';

/** YAML of another style than kubectl's: the general reader has to read it. */
export class OtherStyle extends Error {}

const SPACE = 32;
const DASH = 45;
const HASH = 35;
const COLON = 58;

/** Letters and digits, of which most keys consist. */
const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);

/** Plain scalars that are text in every schema of YAML, save for some words; and what looks like a number and is none. */
const TEXT = /^(?:--?)?[A-Za-z/(](?:[^#:]|:(?! |$)|(?<! )#)*$/;
const NEARLY_NUMBER = /^\d[\w./-]*$/;
const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n']);
const WHOLE = /^(0|-?[1-9]\d{0,14})$/;
const KEY = /^(?:"([^"\\]*)"|'([^']*)'|([^\s"'#&*!|>@%?[\]{},:-](?:[^:#]|:(?! |$)|(?<! )#)*)):(?: +(.*))?$/;

/** What the general reader makes of a text as the value of a key. @throws YAMLParseError */
const generally = (text: string): unknown => (parse(`value: ${text}`) as { value: unknown }).value;

/**
 * Reads YAML in the style that kubectl writes: blocks of maps and lists, a scalar in a line. It is many times as fast as
 * the general reader, which reads what is left: scalars over several lines, flow collections, unusual numbers.
 */
export class BlockYaml {
  readonly #text: string;
  readonly #end: number;
  /** The line at hand: its first character that is no space, its end, and how far it is indented. */
  #start = 0;
  #stop = 0;
  #indent = -1;

  /** @param from where the document starts in the text @param to where it ends */
  constructor(text: string, from: number, to: number) {
    this.#text = text;
    this.#end = to;
    this.#seek(from);
  }

  /** The value of the document. @throws OtherStyle, YAMLParseError */
  read(): unknown {
    if (this.#indent < 0) return null;
    const value = this.#block(this.#indent);
    if (this.#indent >= 0) throw new OtherStyle();
    return value;
  }

  /** Goes to the first line from a position on that says something. */
  #seek(from: number): void {
    const text = this.#text;
    for (let at = from; at < this.#end;) {
      let newline = text.indexOf('\n', at);
      if (newline < 0 || newline > this.#end) newline = this.#end;
      let first = at;
      while (first < newline && text.charCodeAt(first) === SPACE) first++;
      if (first < newline && text.charCodeAt(first) !== HASH) {
        this.#start = first;
        this.#stop = newline;
        this.#indent = first - at;
        return;
      }
      at = newline + 1;
    }
    this.#indent = -1;
  }

  #isItem(): boolean {
    const next = this.#start + 1;
    return (
      this.#text.charCodeAt(this.#start) === DASH &&
      (next === this.#stop || this.#text.charCodeAt(next) === SPACE)
    );
  }

  #block(indent: number): unknown {
    return this.#isItem() ? this.#list(indent) : this.#map(indent);
  }

  #list(indent: number): unknown[] {
    const out: unknown[] = [];
    while (this.#indent === indent && this.#isItem()) {
      let next = this.#start + 1;
      while (next < this.#stop && this.#text.charCodeAt(next) === SPACE) next++;
      if (next === this.#stop) {
        this.#seek(this.#stop + 1);
        out.push(this.#indent > indent ? this.#block(this.#indent) : null);
        continue;
      }
      // What follows the dash is a block of its own, as if the dash were a space.
      this.#indent += next - this.#start;
      this.#start = next;
      const rest = this.#text.slice(next, this.#stop);
      if (this.#isItem() || KEY.test(rest)) out.push(this.#block(this.#indent));
      else out.push(this.#scalar(rest, next, indent));
    }
    return out;
  }

  #map(indent: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    while (this.#indent === indent) {
      const { key, at } = this.#key();
      // These are no ordinary keys of a JavaScript object, or of YAML.
      if (key === '__proto__' || key === '<<') throw new OtherStyle();
      if (out[key] !== undefined && Object.hasOwn(out, key)) throw new OtherStyle();
      if (at === this.#stop || this.#text.charCodeAt(at) === HASH) {
        this.#seek(this.#stop + 1);
        const child = this.#indent > indent || (this.#indent === indent && this.#isItem());
        out[key] = child ? this.#block(this.#indent) : null;
      } else {
        out[key] = this.#scalar(this.#text.slice(at, this.#stop), at, indent);
      }
    }
    if (this.#indent > indent) throw new OtherStyle();
    return out;
  }

  /** The key that the line at hand starts with, and where its value starts: the line's end when there is none. */
  #key(): { readonly key: string; readonly at: number } {
    const text = this.#text;
    const stop = this.#stop;
    let end = this.#start;
    while (end < stop && isWord(text.charCodeAt(end))) end++;
    if (end > this.#start && text.charCodeAt(end) === COLON && end < stop) {
      let at = end + 1;
      while (at < stop && text.charCodeAt(at) === SPACE) at++;
      if (at > end + 1 || at === stop) return { key: text.slice(this.#start, end), at };
    }
    const match = KEY.exec(text.slice(this.#start, stop));
    if (!match) throw new OtherStyle();
    const [line, double, single, plain, rest = ''] = match;
    return { key: double ?? single ?? plain!.trimEnd(), at: this.#start + line.length - rest.length };
  }

  /** A value that starts in the line at hand. @param at where it starts @param indent of what it is the value of */
  #scalar(rest: string, at: number, indent: number): unknown {
    const stop = this.#stop;
    this.#seek(stop + 1);
    if (this.#indent > indent || '|>'.includes(rest[0]!)) return this.#several(rest, at, stop, indent);
    const last = rest.at(-1);
    if (rest[0] === '"' && last === '"' && rest.length > 1 && !/["\\]/.test(rest.slice(1, -1))) {
      return rest.slice(1, -1);
    }
    if (rest[0] === "'" && last === "'" && rest.length > 1 && !rest.slice(1, -1).includes("'")) {
      return rest.slice(1, -1);
    }
    if (rest === '{}') return {};
    if (rest === '[]') return [];
    if (WHOLE.test(rest)) return Number(rest);
    if (rest === 'true') return true;
    if (rest === 'false') return false;
    if (rest === 'null') return null;
    if (TEXT.test(rest) && last !== ' ' && !WORDS.has(rest.toLowerCase())) return rest;
    if (NEARLY_NUMBER.test(rest) && Number.isNaN(Number(rest))) return rest;
    if ('&*!'.includes(rest[0]!)) throw new OtherStyle();
    return generally(rest);
  }

  /** A scalar, or a flow collection, of several lines: all that is indented deeper, and empty lines between. */
  #several(rest: string, at: number, stop: number, indent: number): unknown {
    if ('&*!'.includes(rest[0]!)) throw new OtherStyle();
    // Lines that look like comments or nothing belong to a block scalar, so that they are walked through again.
    let end = stop;
    while (end < this.#end) {
      let newline = this.#text.indexOf('\n', end + 1);
      if (newline < 0 || newline > this.#end) newline = this.#end;
      let first = end + 1;
      while (first < newline && this.#text.charCodeAt(first) === SPACE) first++;
      if (first < newline && first - end - 1 <= indent) break;
      end = newline;
    }
    this.#seek(end + 1);
    // Block scalars may say how deep they are indented below what they are the value of, so that this is kept.
    const lines = this.#text.slice(at, Math.min(end + 1, this.#end));
    return generally(lines.replaceAll(`\n${' '.repeat(indent)}`, '\n'));
  }
}

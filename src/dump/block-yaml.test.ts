import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify, YAMLParseError } from 'yaml';
import { BlockYaml, OtherStyle } from './block-yaml.ts';

const fast = (text: string): unknown => new BlockYaml(text, 0, text.length).read();

/** Texts that trip readers of YAML. */
const text = fc.oneof(
  fc.string(),
  fc.string({
    unit: fc.constantFrom('a', '1', ' ', '\n', ':', '#', '-', '"', "'", '\\', '\t', '{', '|', '.'),
  }),
  fc.constantFrom(
    'true',
    'no',
    'null',
    '~',
    '1e3',
    '0x1f',
    '0o7',
    '100m',
    '1.5Gi',
    '2026-11-25T06:00:00Z',
    '.inf',
    '- a',
  ),
  fc.lorem({ maxCount: 30 }),
);
const key = fc.oneof(
  fc.constantFrom('metadata', 'app.kubernetes.io/name', 'f:spec', '10', 'a b', '.', 'x#y'),
  text.filter((k) => k !== '__proto__'),
);
const tree: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 4 }),
  ),
})).node;

test('it reads what the general reader reads, or leaves it to that', () => {
  let read = 0;
  const styles = fc.record({ indentSeq: fc.boolean(), lineWidth: fc.constantFrom(0, 40, 80) });
  fc.assert(
    fc.property(tree, styles, (value, style) => {
      const written = stringify(value, style);
      try {
        const fastly = fast(written);
        read++;
        expect(fastly).toEqual(parse(written));
      } catch (error) {
        if (!(error instanceof OtherStyle) && !(error instanceof YAMLParseError)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(500);
});

test.each([
  ['nested blocks', 'a:\n  b:\n  - c: 1\n    d: x\n  - - e\n    - f\ng: {}\nh: []\n'],
  ['lists that are indented', 'a:\n  - b\n  - c:\n      d: 1\n'],
  [
    'folded scalars',
    "m: 'it''s long\n  and goes on\n\n  after a break'\np: plain\n  goes on\nq: \"d\\\n  \\ e\"\n",
  ],
  ['literal scalars', 'a: |\n  # not a comment\n\n  x: y\nb: |-\n    deep\n     er\nc: >2\n   two\n\nd: 1\n'],
  ['literal scalars in lists', '- |\n  a\n- |2-\n   b\n- c\n'],
  ['a list of maps of literals', 'l:\n- n: |2\n     a\n    o\n  m: 1\n'],
  ['empty values', 'a:\nb: null\nc: ~\nd: ""\ne:\n- \n-\n- x\n'],
  ['comments', '# first\na: 1 # one\n# between\nb: "x" # y\n'],
  ['a key with a colon', 'f:metadata:\n  k:{"a":"b"}: {}\nurl: http://x:80/\n'],
  ['flow collections', 'a: [1, {b: c}]\nd: {e: f,\n  g: h}\n'],
  [
    'words that are no words',
    'a: no\nb: "no"\nc: 1e3\nd: 0x10\ne: 100m\nf: -1\ng: -c\nh: 1.\ni: 12345678901234567890\n',
  ],
  ['nothing', ''],
  ['nothing but a comment', '# a\n'],
])('%s', (_, written) => expect(fast(written)).toEqual(parse(written)));

test.each([
  ['anchors', 'a: &x 1\nb: *x\n'],
  ['tags', 'a: !!str 1\n'],
  ['complex keys', '? a\n: b\n'],
  ['keys that come twice', 'a: 1\na: 2\n'],
  ['merge keys', 'a:\n  <<: {b: 1}\n'],
  ['blocks that do not line up', 'a:\n    b: 1\n  c: 2\n'],
  ['a scalar document', 'hello\n'],
])('%s are left to the general reader', (_, written) => expect(() => fast(written)).toThrow(OtherStyle));

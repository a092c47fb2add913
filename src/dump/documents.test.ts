import * as fc from 'fast-check';
import { dump, load } from 'js-yaml';
import { expect, test } from 'vitest';
import { itemByItem, readDocuments } from './documents.ts';

const read = (text: string) => readDocuments(text, 'x.yaml');

test.each([
  ['one YAML document', 'kind: Node\n', [['x.yaml', { kind: 'Node' }]]],
  ['JSON', '\n {"kind":"Node"}', [['x.yaml', { kind: 'Node' }]]],
  [
    'JSON in a row',
    '{"a":1}\n---\n{"b":2}\n',
    [
      ['x.yaml, document 1', { a: 1 }],
      ['x.yaml, document 2', { b: 2 }],
    ],
  ],
  [
    'several YAML documents, with empty ones and comments',
    '# first\n---\na: 1\n--- # second\nb: |\n  --- no end\n---\n',
    [
      ['x.yaml, document 2', { a: 1 }],
      ['x.yaml, document 3', { b: '--- no end\n' }],
    ],
  ],
  [
    'JSON in a row without anything between, over lines and in one',
    '{"a":1}\n{"b":"}{ \\" ]"}\n[3]\n{\n "c": {}\n}',
    [
      ['x.yaml, document 1', { a: 1 }],
      ['x.yaml, document 2', { b: '}{ " ]' }],
      ['x.yaml, document 3', [3]],
      ['x.yaml, document 4', { c: {} }],
    ],
  ],
  [
    'JSON and YAML mixed',
    'a: 1\n---\n{"b":2}\n{"c":3}\n---\n{d: 4}\n',
    [
      ['x.yaml, document 1', { a: 1 }],
      ['x.yaml, document 2', { b: 2 }],
      ['x.yaml, document 3', { c: 3 }],
      ['x.yaml, document 4', { d: 4 }],
    ],
  ],
  [
    'JSON in a row as Windows writes it',
    '\uFEFF{"a":1}\r\n{"b":2}\r\n',
    [
      ['x.yaml, document 1', { a: 1 }],
      ['x.yaml, document 2', { b: 2 }],
    ],
  ],
  [
    'other styles of YAML',
    '%YAML 1.2\n---\na: &x {b: 1}\nc: *x\n',
    [['x.yaml', { a: { b: 1 }, c: { b: 1 } }]],
  ],
  ['merged keys', 'a:\n  <<: {b: 1, c: 1}\n  c: 2\n', [['x.yaml', { a: { b: 1, c: 2 } }]]],
  ['lines that end as on Windows', 'a: 1\r\nb: 2\r\n', [['x.yaml', { a: 1, b: 2 }]]],
  ['a byte order mark', '\uFEFFa: 1\n', [['x.yaml', { a: 1 }]]],
  ['nothing', '', []],
])('%s', (_, text, documents) => {
  expect(read(text).map(({ where, value }) => [where, value])).toEqual(documents);
});

test.each([
  ['a: 1\nb: [\n', /^x\.yaml:\d: is neither YAML nor JSON: /],
  ['{"a": 1,\n', /^x\.yaml:\d: is neither YAML nor JSON: /],
  ['{"a":1}\n{"b":2}\n{"c":}\n', /^x\.yaml:3: is no JSON, as what is before it: /],
  ['{"a":1}\n{"b":\n', /^x\.yaml:2: is no JSON, as what is before it: /],
  ['a: "b\n', /^x\.yaml:\d: is neither YAML nor JSON: /],
  ['a: *b\n', /^x\.yaml:1: .*b/],
  ['---\na: 1\nb: 1\na: 2\n', /^x\.yaml:4: is neither YAML nor JSON: duplicated mapping key/],
  ['a: &a [1]\nb: [' + '*a, '.repeat(31) + ']\n', /^x\.yaml.*alias/],
  ['kind: List\nitems:\n- a: 1\n- a: [\n- b: 1\n', /^x\.yaml:5: is neither YAML nor JSON: /],
])('%j is an error that names the line', (text, message) => {
  expect(() => read(text)).toThrow(message);
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'PROFFER_DUMP' }) as Error);
});

/** Texts that trip readers of YAML that split it at lines. */
const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('a', ' ', '\n', ':', '#', '-', '"', "'", '|', 'items:\n- ', '\n---\n') }),
  fc.lorem({ maxCount: 30 }),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(hostile, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(hostile, tie('tree'), { maxKeys: 4 }),
  ),
}));

test('a List that is read item by item is what it is when read at once', () => {
  let read = 0;
  const list = fc.record({ apiVersion: hostile, items: fc.array(tree, { minLength: 1 }), metadata: tree });
  fc.assert(
    fc.property(list, fc.constantFrom(20, 80, -1), (value, lineWidth) => {
      const text = dump(value, { lineWidth, seqNoIndent: true });
      const items = itemByItem(text);
      if (items === undefined) return;
      read++;
      expect(items).toEqual(load(text));
    }),
    { numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(300);
});

test.each([
  ['anchors that others name', 'kind: List\nitems:\n- &a {b: 1}\n- *a\n'],
  ['more than one list', 'kind: List\nitems:\n- a: 1\nothers:\n- b: 1\n'],
  ['documents that end', 'kind: List\nitems:\n- a\n...\n- b\n'],
  ['items in a text', 'kind: "\n items:\nitems:\n- a\n"\n'],
])('%s are left to be read at once', (_, text) => expect(itemByItem(text)).toBeUndefined());

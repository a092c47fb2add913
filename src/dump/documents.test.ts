import { expect, test } from 'vitest';
import { readDocuments } from './documents.ts';

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
  ['a: *b\n', /^x\.yaml.*: .*b/],
])('%j is an error that names the line', (text, message) => {
  expect(() => read(text)).toThrow(message);
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'PROFFER_DUMP' }) as Error);
});

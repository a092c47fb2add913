import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** What the modules of a folder, or a module right under src, may import. `types` marks imports that vanish at run time. */
interface Arrows {
  readonly to: readonly string[];
  readonly types?: readonly string[];
  /** Packages and Node modules. */
  readonly outside?: readonly RegExp[];
}

/** The data path from the bottom up: a folder knows those above its line, never those below. */
const ARROWS: Readonly<Record<string, Arrows>> = {
  lib: { to: [] },
  api: { to: ['lib'], outside: [/^zod$/] },
  recovery: { to: ['api', 'lib'] },
  snapshot: { to: ['recovery', 'api', 'lib'] },
  matrix: { to: ['snapshot', 'recovery', 'api', 'lib'] },
  allocator: { to: ['matrix', 'snapshot', 'lib'] },
  simulate: { to: ['allocator', 'lib'], outside: [/^yaml$/, /^zod$/] },
  frameworks: { to: ['snapshot', 'lib'], types: ['allocator'] },
  plan: { to: ['allocator', 'matrix', 'snapshot', 'recovery', 'api', 'lib'] },
  kube: {
    to: ['lib'],
    outside: [/^node:/, /^@kubernetes\/client-node$/, /^js-yaml$/, /^undici$/, /^zod$/],
  },
  writes: { to: ['kube', 'plan', 'snapshot', 'api', 'lib'] },
  views: { to: ['allocator', 'matrix', 'snapshot', 'recovery', 'api', 'lib'] },
  server: {
    to: ['views', 'plan', 'allocator', 'snapshot', 'recovery', 'api', 'lib'],
    types: ['kube'],
    outside: [/^node:(http|net|timers\/promises)$/, /^prom-client$/],
  },
  controllers: {
    to: [
      'views',
      'writes',
      'kube',
      'plan',
      'frameworks',
      'allocator',
      'matrix',
      'snapshot',
      'recovery',
      'api',
      'lib',
    ],
  },
  dump: {
    to: ['controllers', 'views', 'plan', 'matrix', 'snapshot', 'recovery', 'api', 'lib'],
    outside: [/^js-yaml$/, /^zod$/],
  },
  'options.ts': { to: ['lib'], outside: [/^zod$/] },
  'operator.ts': {
    to: ['options.ts', 'controllers', 'server', 'writes', 'kube', 'snapshot', 'api', 'lib'],
    outside: [/^pino$/],
  },
  cli: {
    to: ['operator.ts', 'options.ts', 'dump', 'simulate', 'server', 'views', 'kube', 'api', 'lib'],
    outside: [/^node:/, /^commander$/],
  },
  'cli.ts': { to: ['cli', 'kube'], outside: [/^node:worker_threads$/] },
};

interface Import {
  readonly from: string;
  /** Path below the root, or the name of a package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'|\bimport\(\s*'([^']+)'/gm;

function importsOf(file: string, text: string): Import[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(IMPORT)].map(([, type, names = '', plain, dynamic]) => {
    const specifier = plain ?? dynamic!;
    const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
    const braces = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
    const inline = braces !== undefined && braces.split(',').every((name) => /^\s*(type\s|$)/.test(name));
    return { from: file, target, typeOnly: type !== undefined || inline };
  });
}

const files = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !/\.test(-helper)?\.ts$/.test(file));
const texts = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
const imports = files.flatMap((file) => importsOf(file, texts.get(file)!));
/** The folder under src, or the module right under it. */
const partOf = (path: string): string => path.split('/')[1]!;

describe('the modules of src', () => {
  test('are all seen, each in a part that the table knows', () => {
    expect(files.length).toBeGreaterThan(120);
    expect(imports.length).toBeGreaterThan(400);
    expect(new Set(files.map(partOf))).toEqual(new Set(Object.keys(ARROWS)));
  });

  test('import only where the table points to', () => {
    const wrong = imports
      .filter(({ from, target }) => target.startsWith('src/') && partOf(target) !== partOf(from))
      .filter(({ from, target, typeOnly }) => {
        const { to, types = [] } = ARROWS[partOf(from)]!;
        return !to.includes(partOf(target)) && !(typeOnly && types.includes(partOf(target)));
      });
    expect(wrong.map(({ from, target }) => `${from} must not import ${target}`)).toEqual([]);
  });

  test('import no other package, and the pure ones nothing of the machine', () => {
    const wrong = imports
      .filter(({ target }) => !target.startsWith('src/') && target !== 'package.json')
      .filter(
        ({ from, target }) => !(ARROWS[partOf(from)]!.outside ?? []).some((known) => known.test(target)),
      );
    expect(wrong.map(({ from, target }) => `${from} must not import ${target}`)).toEqual([]);
  });

  test('have at most 500 lines', () => {
    const long = files.filter((file) => texts.get(file)!.split('\n').length > 501);
    expect(long).toEqual([]);
  });

  test('do not go round in circles at run time', () => {
    const targets = Map.groupBy(
      imports.filter((i) => !i.typeOnly),
      (i) => i.from,
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file) || path.includes(file)) return;
      for (const { target } of targets.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});

test('the table has no circle: each part knows only parts of earlier lines, but for types', () => {
  const parts = Object.keys(ARROWS);
  for (const [i, part] of parts.entries()) {
    const { to, types = [] } = ARROWS[part]!;
    expect([...to, ...types].filter((known) => !parts.slice(0, i).includes(known))).toEqual([]);
  }
});

test('imports are read in every form that they have', () => {
  const code = `
import type { A } from './a.ts';
import { type B, type C } from './b.ts';
import { type D, e } from './c.ts';
import './d.ts';
export { f } from './e.ts';
export type { G } from '../lib/f.ts';
/* import h from './h.ts' */
// import i from './i.ts'
import {
  j,
} from 'zod';
const later = await import('node:fs');
`;
  expect(
    importsOf('src/x/y.ts', code).map(({ target, typeOnly }) => `${target}${typeOnly ? ' type' : ''}`),
  ).toEqual([
    'src/x/a.ts type',
    'src/x/b.ts type',
    'src/x/c.ts',
    'src/x/d.ts',
    'src/x/e.ts',
    'src/lib/f.ts type',
    'zod',
    'node:fs',
  ]);
});

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
  world: { to: ['snapshot', 'recovery', 'api', 'lib'] },
  matrix: { to: ['snapshot', 'recovery', 'api', 'lib'] },
  allocator: { to: ['matrix', 'snapshot', 'lib'] },
  simulate: { to: ['allocator', 'lib'], outside: [/^yaml$/, /^zod$/] },
  plan: { to: ['allocator', 'matrix', 'snapshot', 'recovery', 'api', 'lib'] },
  frameworks: {
    to: ['plan', 'snapshot', 'recovery', 'api', 'lib'],
    types: ['allocator'],
    // Cron patterns with time zones.
    outside: [/^croner$/],
  },
  allocation: { to: ['frameworks', 'recovery', 'snapshot', 'api', 'lib'] },
  kube: {
    to: ['lib'],
    outside: [/^node:/, /^@kubernetes\/client-node$/, /^js-yaml$/, /^undici$/, /^zod$/],
  },
  // The one way to web servers of others.
  outbound: { to: ['lib'], outside: [/^undici$/] },
  writes: { to: ['kube', 'plan', 'snapshot', 'api', 'lib'] },
  views: { to: ['allocator', 'matrix', 'snapshot', 'recovery', 'api', 'lib'] },
  server: {
    to: ['views', 'plan', 'allocation', 'allocator', 'snapshot', 'recovery', 'api', 'lib'],
    types: ['kube'],
    outside: [
      /^node:(fs\/promises|http|net|path|timers\/promises|tls)$/,
      /^prom-client$/,
      /^(@fastify\/swagger|fastify|fastify-type-provider-zod|undici|zod)$/,
    ],
  },
  probes: {
    to: ['views', 'kube', 'snapshot', 'recovery', 'api', 'lib'],
    types: ['writes'],
    outside: [/^node:(dgram|net)$/],
  },
  controllers: {
    to: [
      'world',
      'views',
      'writes',
      'outbound',
      'kube',
      'plan',
      'frameworks',
      'allocation',
      'allocator',
      'matrix',
      'snapshot',
      'recovery',
      'api',
      'lib',
    ],
  },
  dump: {
    to: [
      'world',
      'controllers',
      'views',
      'frameworks',
      'plan',
      'matrix',
      'snapshot',
      'recovery',
      'api',
      'lib',
    ],
    outside: [/^js-yaml$/, /^zod$/],
  },
  'options.ts': { to: ['lib'], outside: [/^zod$/] },
  operator: {
    to: [
      'options.ts',
      'controllers',
      'probes',
      'server',
      'writes',
      'outbound',
      'kube',
      'allocation',
      'frameworks',
      'snapshot',
      'api',
      'lib',
    ],
    // The log, and keys that are made for jobs.
    outside: [/^pino$/, /^node:crypto$/],
  },
  cli: {
    to: ['operator', 'options.ts', 'dump', 'simulate', 'server', 'views', 'allocation', 'kube', 'api', 'lib'],
    outside: [/^node:/, /^commander$/],
  },
  'cli.ts': { to: ['cli', 'kube'], outside: [/^node:worker_threads$/] },
};

/** A kind as a value, such as a condition asks for. A driver is asked instead, or a framework for a trait. */
const NAMES_KIND = /(['"`])(GameServerPool|TrainingJob|Pods)\1|\bKIND\.(pool|job)\b/;

/** The files beside `frameworks/` that may name kinds, and why. */
const MAY_NAME_KINDS: Readonly<Record<string, string>> = {
  'src/api/kinds.ts': 'gives them their names',
  'src/cli/live-cluster.ts': 'lists what commands read of a cluster',
  'src/dump/objects.ts': 'knows what files hold',
  'src/dump/servers.ts': 'shows game servers alone',
  'src/dump/target.ts': 'reads what people type',
  'src/recovery/rules.ts': 'is one table, read as one',
  'src/snapshot/framework-id.ts': 'says of Pods of others that they are a kind',
};

interface Import {
  readonly from: string;
  /** Path below the root, or the name of a package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'|\bimport\(\s*'([^']+)'/gm;

/** A text without its comments. */
const codeOf = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');

function importsOf(file: string, text: string): Import[] {
  return [...codeOf(text).matchAll(IMPORT)].map(([, type, names = '', plain, dynamic]) => {
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

  test('name no kind of workload outside of its folder', () => {
    const naming = files.filter(
      (file) => !file.startsWith('src/frameworks/') && NAMES_KIND.test(codeOf(texts.get(file)!)),
    );
    expect(naming.toSorted()).toEqual(Object.keys(MAY_NAME_KINDS));
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

describe('folders, at any depth', () => {
  /** The folders above a module below `src`, the outermost first; a module right under `src` stands for itself. */
  const chainOf = (path: string): string[] => {
    const [, ...names] = path.split('/');
    const folders = names.length === 1 ? names : names.slice(0, -1);
    return folders.map((_, depth) => folders.slice(0, depth + 1).join('/'));
  };

  /** What imports what: folders with all below them, where neither holds the other; else the outer one's own modules. */
  const arrowsOf = (from: string, to: string): string[] => {
    const [ours, theirs] = [chainOf(from), chainOf(to)];
    const shared = ours.findLast((folder) => theirs.includes(folder));
    const apart = (chain: readonly string[], other: readonly string[]): string[] => {
      const own = chain.filter((folder) => !other.includes(folder));
      return own.length > 0 ? own : [`the modules of ${shared}`];
    };
    if (ours.at(-1) === theirs.at(-1)) return [];
    return apart(ours, theirs).flatMap((a) => apart(theirs, ours).map((b) => `${a} -> ${b}`));
  };

  /** Pairs of folders that import each other, each with the imports that make it one. */
  const pairsOf = (all: readonly { readonly from: string; readonly target: string }[]): string[] => {
    const arrows = new Map<string, string>();
    for (const { from, target } of all)
      for (const arrow of arrowsOf(from, target)) arrows.set(arrow, `${from} imports ${target}`);
    return [...arrows].flatMap(([arrow, example]) => {
      const [a, b] = arrow.split(' -> ');
      const back = a! < b! ? arrows.get(`${b} -> ${a}`) : undefined;
      return back === undefined ? [] : [`${a} and ${b}: ${example}, ${back}`];
    });
  };

  test('never import each other, be it types', () => {
    expect(pairsOf(imports.filter(({ target }) => target.startsWith('src/')))).toEqual([]);
  });

  test('are seen to, wherever the two lie', () => {
    const pairs = (...edges: [from: string, target: string][]) =>
      pairsOf(edges.map(([from, target]) => ({ from: `src/${from}`, target: `src/${target}` }))).map(
        (text) => text.split(':')[0],
      );
    expect(pairs(['a/x/1.ts', 'b/2.ts'], ['b/y/3.ts', 'a/4.ts'])).toEqual(['a and b']);
    expect(pairs(['a/x/1.ts', 'a/y/z/2.ts'], ['a/y/3.ts', 'a/x/4.ts'])).toEqual(['a/x and a/y']);
    expect(pairs(['a/1.ts', 'a/x/2.ts'], ['a/x/y/3.ts', 'a/4.ts'])).toEqual(['a/x and the modules of a']);
    expect(pairs(['a/1.ts', 'b/2.ts'], ['a/3.ts', 'a/4.ts'], ['main.ts', 'a/1.ts'])).toEqual([]);
    expect(pairs(['main.ts', 'a/1.ts'], ['a/2.ts', 'main.ts'])).toEqual(['a and main.ts']);
  });
});

/** Files that import each other in a circle, be it types, of a list of imports. */
function inCircles(all: readonly Pick<Import, 'from' | 'target'>[]): string[] {
  let left = all.filter(({ from, target }) => from !== target);
  for (;;) {
    // Who imports nobody that is left, or is imported by nobody, is in no circle.
    const [importers, imported] = [new Set(left.map((i) => i.from)), new Set(left.map((i) => i.target))];
    const kept = left.filter(({ from, target }) => imported.has(from) && importers.has(target));
    if (kept.length === left.length) return [...importers].sort();
    left = kept;
  }
}

describe('files', () => {
  test('are in no circle of imports, be it types', () => {
    expect(inCircles(imports)).toEqual([]);
  });

  test.each([
    [
      ['ab', 'bc', 'cb', 'bd'],
      ['b', 'c'],
    ],
    [['ab', 'bc', 'cd'], []],
    [
      ['ab', 'bc', 'ca'],
      ['a', 'b', 'c'],
    ],
  ])('a circle in %j is found', (pairs, circle) => {
    expect(inCircles(pairs.map(([from = '', target = '']) => ({ from, target })))).toEqual(circle);
  });
});

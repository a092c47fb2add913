import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ImageError } from './errors.ts';
import type { Recipe } from './recipe.ts';

const absolute = z.string().startsWith('/', 'must be an absolute path in the image, as /app/server');
const inPackages = z.string().regex(/^[^/]/u, 'must be a path without a leading slash, as usr/bin/tini');
const copied = z.strictObject({ path: absolute, from: z.string() });

const SCHEMA = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/u, 'must be lower-case letters, digits and dashes, as my-server'),
  tag: z.string().regex(/^\w[\w.-]{0,127}$/u, 'must be a tag, as "1.2": put numbers in quotes'),
  packages: z.array(z.string()).default([]),
  paths: z.array(inPackages).default([]),
  folders: z.array(inPackages).default([]),
  skip: z.string().optional(),
  libraryDirs: z.array(inPackages).default([]),
  programs: z.array(copied).default([]),
  files: z.array(copied).default([]),
  config: z.strictObject({
    entrypoint: z.array(z.string()).default([]),
    cmd: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
    ports: z.array(z.string().regex(/^\d+\/(udp|tcp)$/u, 'must be as 8303/udp')).default([]),
    stopSignal: z.string().optional(),
  }),
});

/**
 * Reads a recipe that is written as YAML: the fields of `Recipe`, and in `programs` and `files` a path `from` which they
 * are copied, relative to the recipe.
 * @throws ImageError `bad-recipe` naming the field
 */
export async function readRecipe(file: string): Promise<Recipe> {
  const bad = (why: string, cause?: unknown) =>
    new ImageError('bad-recipe', `${file}: ${why}`, cause === undefined ? undefined : { cause });
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw bad('there is no such file', cause);
  });
  let document: unknown;
  try {
    document = parse(text);
  } catch (cause) {
    throw bad(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const { data, error } = SCHEMA.safeParse(document);
  if (error !== undefined) {
    const { path, message } = error.issues[0]!;
    throw bad(`${path.join('.') || 'the recipe'}: ${message}`, error);
  }
  const { programs, files, skip, config, ...rest } = data;
  const { stopSignal, ...start } = config;
  const source = (from: string): string => resolve(dirname(file), from);
  const missing = (field: string, from: string) => (cause: unknown) => {
    throw bad(`${field}: there is no file ${source(from)}: build or copy it first`, cause);
  };
  return {
    ...rest,
    ...(skip === undefined ? {} : { skip }),
    config: stopSignal === undefined ? start : { ...start, stopSignal },
    programs: await Promise.all(
      programs.map(async ({ path, from }) => {
        const { size, mtimeMs } = await stat(source(from)).catch(missing('programs', from));
        return { path, source: source(from), identity: `${size} ${mtimeMs}` };
      }),
    ),
    files: await Promise.all(
      files.map(async ({ path, from }) => ({
        path,
        text: await readFile(source(from), 'utf8').catch(missing('files', from)),
      })),
    ),
  };
}

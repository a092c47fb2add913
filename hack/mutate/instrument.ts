import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One small change that the instrumented source holds, switched off. */
export interface Mutant {
  /** Its switch: `globalThis.__stryker__.activeMutant`. */
  readonly id: string;
  /** As the files were named. */
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  /** Both from 0. */
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

/** What this uses of @stryker-mutator/instrumenter, which is not installed where the types are checked. */
interface InstrumenterModule {
  readonly Instrumenter: new (log: object) => {
    instrument(
      files: readonly { name: string; mutate: boolean; content: string }[],
      options: object,
    ): Promise<{
      files: readonly { name: string; content: string }[];
      mutants: readonly Mutant[];
    }>;
  };
}

const quiet = () => undefined;
const LOG = { debug: quiet, info: quiet, warn: console.warn, isDebugEnabled: () => false };
/** All of Stryker's operators, texts of messages included. */
const OPTIONS = { excludedMutations: [], ignorers: [], plugins: null };

/** The source of each file with all its mutants in it, by absolute path; the files of mutants are below the root. */
export async function instrument(
  root: string,
  files: readonly string[],
): Promise<{ sources: Map<string, string>; mutants: readonly Mutant[] }> {
  const entry = createRequire(import.meta.url).resolve('@stryker-mutator/instrumenter');
  const { Instrumenter } = (await import(pathToFileURL(entry).href)) as InstrumenterModule;
  const plain = await Promise.all(
    files.map(async (file) => ({
      name: join(root, file),
      mutate: true,
      content: await readFile(join(root, file), 'utf8'),
    })),
  );
  const instrumented = await new Instrumenter(LOG).instrument(plain, OPTIONS);
  return {
    sources: new Map(instrumented.files.map(({ name, content }) => [name, content])),
    mutants: instrumented.mutants.map((mutant) => ({
      ...mutant,
      fileName: relative(root, mutant.fileName),
    })),
  };
}

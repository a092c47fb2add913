import * as esbuild from 'esbuild';

/**
 * Bundles test files and all they import into one text that `require`s only vitest and fast-check: the body of a
 * function, so that each call of it starts from fresh modules.
 * @param sources what to take in place of files, by absolute path.
 */
export async function bundleTests(
  root: string,
  tests: readonly string[],
  sources: ReadonlyMap<string, string>,
): Promise<string> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: tests.map((file) => `import './${file}';`).join('\n'), resolveDir: root },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['vitest', 'fast-check'],
    logLevel: 'error',
    plugins: [
      {
        name: 'instrumented',
        setup(build) {
          build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = sources.get(path);
            return contents === undefined ? undefined : { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

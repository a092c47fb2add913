import { limitMemory } from './cli/memory-limits.ts';

// Before all else: what was loaded is loaded once more in the process that takes the place of this one.
if (process.argv[2] === 'operator') limitMemory();
const { main } = await import('./cli/main.ts');

// A reader that has seen enough (`proffer matrix | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`proffer: standard output cannot be written: ${error.message}\n`);
  process.exit(1);
});
const io = {
  out: (text: string) => void process.stdout.write(text),
  env: process.env,
  width: process.stdout.columns ?? 160,
  terminal: process.stdout.isTTY ?? false,
  // To the top left, and clear what is below.
  ...(process.stdout.isTTY && { clear: () => void process.stdout.write('\u001B[H\u001B[J') }),
  // Back to the start of the line, and clear it.
  ...(process.stderr.isTTY && {
    progress: (line: string) => void process.stderr.write(`\r\u001B[K${line}`),
  }),
};
process.exitCode = await main(process.argv.slice(2), io, (text) => void process.stderr.write(text));

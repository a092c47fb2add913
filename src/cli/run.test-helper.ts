import type { World } from './io.ts';
import { main } from './main.ts';

/** Runs a command line within this process, and gathers what it prints. */
export async function runMain(argv: readonly string[], world: Partial<World> = {}) {
  let out = '';
  let err = '';
  const io = { out: (text: string) => void (out += text), env: {}, width: 120, terminal: false, ...world };
  const code = await main(argv, io, (text) => void (err += text));
  return { code, out, err };
}

/** Runs a command line within this process, in a plain world. */
export const proffer = (...argv: readonly string[]) => runMain(argv);

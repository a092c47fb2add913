/** Says what is being done, and how long it took when it is done. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  console.log(`\n==> ${what}`);
  const result = await work();
  console.log(`    done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/**
 * Asks until the answer is not undefined, a quarter of a second apart.
 * @throws Error after `seconds`, with the last thing that `why` said
 */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined>,
  why: () => Promise<string> = async () => '',
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`${what}: not after ${seconds} s. ${await why()}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

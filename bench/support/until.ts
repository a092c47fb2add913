/** Waits for a condition. @throws after five minutes, with what it waited for */
export async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 300_000;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`${what}: not within 300 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

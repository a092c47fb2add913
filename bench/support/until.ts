/** How long something may take, ms: filling the largest cluster on a machine that does other things as well. */
const MOST_MS = 900_000;

/** Waits for a condition. @throws after a quarter of an hour, with what it waited for */
export async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + MOST_MS;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${MOST_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

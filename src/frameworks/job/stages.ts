import { REASON } from '../../api/conditions.ts';
import type { TrainingJobSpec } from '../../api/trainingjob.ts';
import type { Hold } from '../../snapshot/hold.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import { groupSize, taskRules } from './size.ts';

type Group = TrainingJobSpec['groups'][number];
type Dependency = NonNullable<Group['dependsOn']>[number];

/** What became of the workers of a group. */
export interface Progress {
  readonly live: readonly TaskPod[];
  readonly succeeded: number;
}

/** Which groups of a job may start, by what became of those before them. */
export class Stages {
  readonly #counts = new Map<string, Readonly<Record<Dependency['condition'] | 'size' | 'atOnce', number>>>();

  /** Notes how far a group is. */
  note(group: Group, { live, succeeded: Succeeded }: Progress): void {
    const size = groupSize(group);
    // What is on its way the API server may yet refuse.
    const Placed = Succeeded + live.filter(({ uid }) => uid !== '').length;
    const Ready = Succeeded + live.filter(({ ready }) => ready).length;
    // Of tasks by index so many run at a time.
    const atOnce = Math.min(size, taskRules(group)?.parallelism ?? size);
    this.#counts.set(group.name, { size, atOnce, Placed, Ready, Succeeded });
  }

  /** Holds a group while one that it depends on is not so far; those have been noted before. */
  holdOf({ name, dependsOn = [] }: Group): Hold | undefined {
    for (const { group, condition } of dependsOn) {
      const { [condition]: met = 0, size = 0, atOnce = 0 } = this.#counts.get(group) ?? {};
      const needed = condition === 'Succeeded' ? size : atOnce;
      if (met >= needed && needed > 0) continue;
      const words = `group ${name} waits for group ${group} to be ${condition}: ${met} of ${needed} are`;
      return { reason: REASON.dependsOn, message: words };
    }
    return undefined;
  }
}

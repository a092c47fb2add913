import type { Command } from '../plan/command.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { AssumedPods } from './assumed.ts';
import { keyOf } from './commands.ts';

/** Lets a command count from now on, before the API server has heard of it. */
export function assume(command: Command, assumed: AssumedPods, readPod: (pod: Pod) => PodFacts): void {
  switch (command.kind) {
    case 'create':
      assumed.launch({ ...readPod(command.pod), ...command.counted });
      return;
    case 'ask':
      return;
    case 'bind':
      assumed.bind(keyOf(command), command.uid, command.node);
      return;
    case 'delete':
      assumed.remove(keyOf(command), command.uid, command.reason !== 'Replaced');
      return;
    case 'evict':
      assumed.remove(keyOf(command), command.uid, true, true);
      return;
    case 'notice':
      assumed.notify(keyOf(command), command.uid, command.until);
      return;
    case 'claim':
      // The Pod is launched when the watch shows that its claims have volumes.
      return;
  }
}

/** A command has had no effect: it counts no more. */
export function retract(command: Command, assumed: AssumedPods): void {
  switch (command.kind) {
    case 'create':
      assumed.failed(keyOf(command));
      return;
    case 'bind':
      assumed.unbind(keyOf(command));
      return;
    case 'delete':
    case 'evict':
      assumed.keep(keyOf(command));
      return;
    case 'notice':
      assumed.unnotify(keyOf(command));
      return;
    case 'claim':
    case 'ask':
      return;
  }
}

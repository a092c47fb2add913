import type { Command, PlacingCommand } from '../plan/command.ts';

/** Whether a command puts a Pod on a node. */
export const isPlacing = (command: Command): command is PlacingCommand =>
  command.kind === 'create' || command.kind === 'bind';

/** namespace/name of the Pod, or claim, that a command is about. */
export function keyOf(command: Command): string {
  const { namespace, name } =
    command.kind === 'create' || command.kind === 'ask' ? command.pod.metadata : command;
  return `${namespace}/${name}`;
}

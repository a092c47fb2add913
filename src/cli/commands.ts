import type { Command } from './command.ts';
import { explainCommand } from './explain.ts';
import { matrixCommand } from './matrix.ts';
import { offersCommand } from './offers.ts';
import { operatorCommand } from './operator.ts';
import { replayCommand } from './replay.ts';
import { rolesCommand } from './roles.ts';
import { simulateCommand } from './simulate.ts';

/** Every command that does something, in the order of the help. `help` and `version` stand beside them. */
export const COMMANDS: readonly Command[] = [
  operatorCommand,
  explainCommand,
  replayCommand,
  matrixCommand,
  offersCommand,
  rolesCommand,
  simulateCommand,
];

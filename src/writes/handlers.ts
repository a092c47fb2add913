import type { Command, CommandOf } from '../plan/command.ts';
import { asking } from './ask.ts';
import { binding } from './bind.ts';
import { changing } from './change.ts';
import { claiming } from './claim.ts';
import { creating } from './create.ts';
import { deleting } from './delete.ts';
import { evicting } from './evict.ts';
import type { Handler } from './handler.ts';
import { makingClaim } from './make-claim.ts';
import { noticing } from './notice.ts';

/** Who handles commands, by their kind. */
const HANDLERS: { readonly [K in Command['kind']]: Handler<CommandOf<K>> } = {
  create: creating,
  ask: asking,
  bind: binding,
  delete: deleting,
  evict: evicting,
  notice: noticing,
  change: changing,
  claim: claiming,
  makeClaim: makingClaim,
};

/** The handler of a command. */
export const handlerOf = ({ kind }: Command): Handler<Command> => HANDLERS[kind];

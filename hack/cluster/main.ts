import { runCommand } from './commands.ts';
import { messageOf } from '../../src/lib/errors.ts';
import { ClusterError } from './errors.ts';

try {
  await runCommand(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`cluster: ${messageOf(thrown)}\n`);
  if (!(thrown instanceof ClusterError))
    process.stderr.write(`${thrown instanceof Error ? thrown.stack : ''}\n`);
  process.exitCode = 1;
}

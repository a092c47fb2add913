import { runCommand } from './commands.ts';
import { ClusterError, messageOf } from './errors.ts';

try {
  await runCommand(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`cluster: ${messageOf(thrown)}\n`);
  if (!(thrown instanceof ClusterError))
    process.stderr.write(`${thrown instanceof Error ? thrown.stack : ''}\n`);
  process.exitCode = 1;
}

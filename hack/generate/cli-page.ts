import { programFor } from '../../src/cli/program.ts';
import { generatedFrom } from './page.ts';

/** Every command with its help, at the width of the page. */
function sections(): string[] {
  let help = '';
  const out = (text: string): void => void (help += text);
  const { commands } = programFor({ out, complain: out, env: {}, width: 100, terminal: false });
  return commands.flatMap((command) => {
    help = '';
    command.outputHelp();
    return [`## ${command.name()}`, '', '```', help.trimEnd(), '```', ''];
  });
}

/** The reference of the command line: docs/reference/cli.md. */
export function cliPage(): string {
  return [
    generatedFrom('src/cli'),
    '# Command line',
    '',
    'One program, `proffer`; under the name `kubectl-proffer` it is a plugin of kubectl: `kubectl proffer matrix`. ' +
      '`proffer help COMMAND` prints what stands here.',
    '',
    '`matrix`, `offers` and `roles` read the replica that leads: its Pod is named by the Lease `proffer`, and ' +
      '`kubectl port-forward` leads to its debug pages, which its Pod serves to itself alone. That takes kubectl on the ' +
      '`PATH`, and the rights to `get` the Lease and Pods and to `create` `pods/portforward` in the namespace of the ' +
      'operator. With `--url` they read the debug pages of an operator directly.',
    '',
    '`explain` and `servers` read the objects of the cluster itself, as far as you may list them, or a dump of them; `replay` ' +
      'reads a dump ([how](../explain.md)).',
    '',
    'A proxy to the API server is the `proxy-url` of its cluster; `HTTPS_PROXY` and ' +
      '`NO_PROXY` of the environment are not followed.',
    '',
    'Exit codes: 0 done, 1 it failed, 2 the command line, or a file that it names, cannot be used as it stands. What went ' +
      'wrong is told on standard error in a sentence, or one for each thing. A fault of the program itself is told so, and ' +
      'with `PROFFER_DEBUG=1` in the environment with its place in the code, for your report.',
    '',
    ...sections(),
  ].join('\n');
}

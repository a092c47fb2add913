import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { binary, type Cluster } from '../cluster/index.ts';
import { packImage } from '../images/index.ts';
import type { Recipe } from '../images/recipe.ts';

/** Where the suite is told to take its images from, in place of registries: the name under which images are packed here. */
export const REGISTRIES = { promoterE2eRegistry: 'localhost/proffer', gcRegistry: 'localhost/proffer' };

const IMAGE = /^localhost\/proffer\/(\w+):(\S+)$/u;

/** What containers run that say nothing else. The others of the suite's images are not needed to place Pods. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  agnhost: ['/agnhost', 'pause'],
  busybox: ['/bin/sh'],
  nginx: ['/agnhost', 'test-webserver'],
  pause: ['/agnhost', 'pause'],
};

/** Commands that tests run in containers, all of them busybox. */
const APPLETS =
  'cat date dd echo expr false find grep hostname kill ln ls mv printf rm sh sleep test touch true'.split(
    ' ',
  );

/** An image with the suite's own test program and a shell. */
function recipe(name: string, tag: string, command: readonly string[], agnhost: string): Recipe {
  const [entrypoint = '', ...cmd] = command;
  return {
    name,
    tag,
    packages: [],
    packagesAlone: ['busybox-static'],
    paths: ['usr/bin/busybox'],
    // Its path holds the hash of all versions. Commands are no data of the recipe, and have to change its hash as well.
    programs: [{ path: '/agnhost', source: agnhost, identity: `${agnhost} ${APPLETS.join(' ')}` }],
    // Readiness probes ask for it, until a test moves it away.
    files: [{ path: '/localhost.crt', text: '' }],
    config: name === 'busybox' ? start([], command) : start([entrypoint], cmd),
    pack: async (_, tree) => {
      for (const applet of APPLETS) tree.link(`usr/bin/${applet}`, 'busybox');
      tree.dir('var/tmp', 0o1777);
    },
  };
}

const start = (entrypoint: readonly string[], cmd: readonly string[]): Recipe['config'] => ({
  entrypoint,
  cmd,
  env: {},
  ports: [],
  // Tests write to volumes of the node.
  user: '0:0',
});

/**
 * Packs the images of the suite that can be made here, and puts them on the cluster's real nodes.
 * @param program path of the suite, which names its images and their versions
 * @param env what tells it of the registries
 */
export async function loadImages(cluster: Cluster, program: string, env: NodeJS.ProcessEnv): Promise<void> {
  const agnhost = await binary('agnhost');
  const { stdout } = await promisify(execFile)(program, ['--list-images'], { env });
  for (const line of stdout.split('\n')) {
    const [, name = '', tag = ''] = IMAGE.exec(line) ?? [];
    const command = COMMANDS[name];
    if (command) await cluster.loadImage((await packImage(recipe(name, tag, command, agnhost))).tar);
  }
}

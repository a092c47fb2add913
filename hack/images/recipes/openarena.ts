import { hostArch } from '../arch.ts';
import { ImageError } from '../errors.ts';
import type { Recipe } from '../recipe.ts';
import { locate } from '../stage.ts';
import { readZip } from '../zip.ts';

const BASE = 'usr/lib/openarena-server/baseoa';
const MAPS = ['oa_ctf2', 'oa_dm1', 'aggressor'];

const SETTINGS = {
  com_basegame: 'baseoa',
  fs_basepath: '/usr/lib/openarena-server',
  com_homepath: '.openarena',
  com_legacyprotocol: '71',
  com_protocol: '71',
  // 1 is a server for the local net: 2 would announce it to the public list.
  dedicated: '1',
  ttycon: '0',
  // The game's own rules come from the native library: Debian's bytecode files are empty shells.
  vm_game: '0',
  // The maps lie as plain files here, which a client must not compare with its archives.
  sv_pure: '0',
  // Bots need half a gigabyte of models and routes.
  bot_enable: '0',
  com_hunkmegs: '32',
};

/**
 * OpenArena dedicated server on 27960/UDP with three maps and no textures or models, which a server never reads. Started
 * with a map that does not exist it stays up and answers nobody: a wedge without any trick.
 */
export async function openarena(): Promise<Recipe> {
  const library = `${BASE}/qagame${hostArch().oci === 'amd64' ? 'x86_64' : 'aarch64'}.so`;
  return {
    name: 'openarena',
    tag: '0.8.8',
    packages: ['ioquake3-server', 'tini'],
    packagesAlone: ['openarena-server', 'openarena-081-maps'],
    paths: ['usr/lib/ioquake3/ioq3ded', 'usr/bin/tini', library],
    config: {
      entrypoint: [
        '/usr/bin/tini',
        '--',
        '/usr/lib/ioquake3/ioq3ded',
        ...Object.entries(SETTINGS).flatMap(([key, value]) => ['+set', key, value]),
      ],
      cmd: [
        '+set',
        'net_port',
        '27960',
        '+set',
        'sv_maxclients',
        '8',
        '+set',
        'sv_hostname',
        'proffer',
        '+map',
        'oa_ctf2',
      ],
      env: { HOME: '/tmp' },
      ports: ['27960/udp'],
    },
    pack: async (stage, tree) => {
      // The engine does not start without this file; a server binds no keys.
      tree.text(`${BASE}/default.cfg`, '// Nothing to set on a server.\n');
      const [archive] = locate(stage, 'usr/share/games/openarena/baseoa/pak1-maps.pk3');
      if (archive === undefined)
        throw new ImageError('path-missing', 'openarena-081-maps has no pak1-maps.pk3');
      const names = MAPS.map((map) => `maps/${map}.bsp`);
      for (const [name, data] of await readZip(archive, names)) tree.file(`${BASE}/${name}`, { data }, 0o644);
    },
  };
}

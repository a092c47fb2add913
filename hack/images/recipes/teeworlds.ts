import type { Recipe } from '../recipe.ts';

const DATA = 'usr/share/games/teeworlds/data';

/**
 * Teeworlds 0.7 dedicated server on 8303/UDP. tini is PID 1 because the server has no SIGTERM handler: as PID 1 it would
 * ignore the signal and every delete would last the whole grace period. `sv_register 0` keeps it off the public list.
 */
export async function teeworlds(): Promise<Recipe> {
  return {
    name: 'teeworlds',
    tag: '0.7.5',
    packages: ['teeworlds-server', 'tini'],
    paths: ['usr/games/teeworlds-server', 'usr/bin/tini', `${DATA}/maps`],
    config: {
      entrypoint: ['/usr/bin/tini', '--', '/usr/games/teeworlds-server'],
      cmd: ['sv_port 8303', 'sv_register 0', 'sv_map dm1', 'sv_name proffer', 'sv_max_clients 16'],
      // It keeps its state below HOME and ends at once when it cannot.
      env: { HOME: '/tmp' },
      ports: ['8303/udp'],
    },
    // By this folder, empty or not, the server knows its data.
    pack: async (_stage, tree) => tree.dir(`${DATA}/mapres`),
  };
}

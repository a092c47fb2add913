import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recipe } from '../recipe.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'examples', 'database', 'start.sh');
const LIB = 'usr/lib/postgresql/15';

/** The compiler of queries at run time, with LLVM behind it, is five times as large as the rest; and what no server reads. */
const SKIP = [
  `^${LIB}/lib/(bitcode|llvmjit.*|pgxs)(/|$)`,
  `^${LIB}/bin/pg_(upgrade|rewind|waldump|archivecleanup|test_.*|verifybackup|checksums|resetwal)$`,
  '^usr/share/postgresql/15/man/',
].join('|');

/** PostgreSQL 15 on 5432/TCP with examples/database/start.sh as what it runs, and the shell that this and initdb need. */
export async function postgresql(): Promise<Recipe> {
  return {
    name: 'postgresql',
    tag: '15',
    packages: ['postgresql-15', 'dash', 'coreutils'],
    paths: [
      `${LIB}/bin`,
      `${LIB}/lib`,
      'usr/share/postgresql/15',
      'usr/share/zoneinfo/UTC',
      ...['sh', 'locale', 'mv', 'rm', 'sync'].map((name) => `usr/bin/${name}`),
    ],
    skip: SKIP,
    files: [{ path: '/app/start.sh', text: await readFile(SCRIPT, 'utf8') }],
    config: {
      entrypoint: ['/bin/sh', '/app/start.sh'],
      cmd: [],
      env: {
        PATH: `/${LIB}/bin:/usr/local/bin:/usr/bin`,
        PGDATA: '/var/lib/postgresql/data',
        PGHOST: '/tmp',
        PGDATABASE: 'postgres',
        HOME: '/tmp',
        TZ: 'UTC',
      },
      ports: ['5432/tcp'],
      // On SIGTERM the server would wait for its clients to leave; on SIGINT it ends their transactions and stops.
      stopSignal: 'SIGINT',
    },
  };
}

import { expect, it } from 'vitest';
import { parsePlan } from './apt.ts';

it('reads name, version and file of each package from a simulated install', () => {
  const plan = [
    'Reading package lists...',
    'Inst libgcc-s1 (12.2.0-14+deb12u1 Debian:12.15/oldstable [amd64]) []',
    'Inst zlib1g (1:1.2.13.dfsg-1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])',
    'Inst teeworlds-data (0.7.5-2 Debian:12.15/oldstable [all])',
    'Conf zlib1g (1:1.2.13.dfsg-1 Debian:12.15/oldstable [amd64])',
  ].join('\n');
  expect(parsePlan(plan, '/a', 'amd64')).toEqual([
    { name: 'libgcc-s1', version: '12.2.0-14+deb12u1', file: '/a/libgcc-s1_12.2.0-14+deb12u1_amd64.deb' },
    { name: 'zlib1g', version: '1:1.2.13.dfsg-1', file: '/a/zlib1g_1%3a1.2.13.dfsg-1_amd64.deb' },
    { name: 'teeworlds-data', version: '0.7.5-2', file: '/a/teeworlds-data_0.7.5-2_all.deb' },
  ]);
});

import { expect, it } from 'vitest';
import { parsePlan, parseUris } from './apt.ts';

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

it('reads what a download without dependencies would fetch', () => {
  const uris = [
    'Reading package lists...',
    "'mirror+file:/x/zlib_1%2b2.deb' zlib1g_1%3a1.2+dfsg-1_amd64.deb 61000 SHA256:00",
    "'file:/x/maps.deb' openarena-081-maps_0.8.5split-14_all.deb 40249856 SHA256:00",
  ].join('\n');
  expect(parseUris(uris, '/a')).toEqual([
    { name: 'zlib1g', version: '1:1.2+dfsg-1', file: '/a/zlib1g_1%3a1.2+dfsg-1_amd64.deb' },
    {
      name: 'openarena-081-maps',
      version: '0.8.5split-14',
      file: '/a/openarena-081-maps_0.8.5split-14_all.deb',
    },
  ]);
});

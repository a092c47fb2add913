import { expect, it } from 'vitest';
import { infoQuestion, readInfoResponse } from './openarena.ts';

const packet = (text: string): Buffer => Buffer.from(`\xff\xff\xff\xff${text}`, 'latin1');
const FIELDS =
  '\\challenge\\77\\gametype\\0\\sv_maxclients\\8\\clients\\2\\mapname\\oa_ctf2\\hostname\\noname\\protocol\\71';

it('asks with a challenge', () => {
  expect(infoQuestion('77')).toEqual(packet('getinfo 77\n'));
});

it('reads the fields of an answer', () => {
  expect(readInfoResponse(packet(`infoResponse\n${FIELDS}`), '77')).toEqual({
    name: 'noname',
    map: 'oa_ctf2',
    gameType: '0',
    version: 'protocol 71',
    players: 2,
    maxPlayers: 8,
  });
});

it('ignores an answer to another challenge, and other packets', () => {
  expect(readInfoResponse(packet(`infoResponse\n${FIELDS}`), '78')).toBeUndefined();
  expect(readInfoResponse(packet('statusResponse\n'), '77')).toBeUndefined();
});

it('names the field that an answer lacks', () => {
  expect(() => readInfoResponse(packet('infoResponse\n\\challenge\\77\\hostname\\x'), '77')).toThrow(
    /no field mapname/u,
  );
});

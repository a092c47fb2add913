import { describe, expect, it } from 'vitest';
import { infoRequest, readInfo, readTokenReply, tokenRequest } from './teeworlds-packets.ts';

const OURS = 0x11223344;
const THEIRS = 0xaabbccdd;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** What a 0.7.5 server answered: token 1, version, name wl, no host name, map dm1, DM, then flags, skill, players of 8 slots, clients of 16. */
const RECORDED = '01 302e372e3500 776c00 00 646d3100 444d00 00 01 00 08 00 10';
const answer = (tail: string): Buffer => hex(`21 11223344 aabbccdd ffffffff 696e6633 ${tail}`);

describe('requests', () => {
  it('asks for a token in a packet padded against amplification', () => {
    const packet = tokenRequest(OURS);
    expect(packet.subarray(0, 12)).toEqual(hex('04 00 00 ffffffff 05 11223344'));
    expect(packet).toHaveLength(520);
  });

  it('asks for the description with both tokens', () => {
    expect(infoRequest(THEIRS, OURS)).toEqual(hex('21 aabbccdd 11223344 ffffffff 67696533 01'));
  });
});

describe('readTokenReply', () => {
  it('takes the token from a reply to us', () => {
    expect(readTokenReply(hex('04 00 00 11223344 05 aabbccdd'), OURS)).toBe(THEIRS);
  });

  it.each([
    '',
    '04 00 00 11223344 05 aabb',
    '04 00 00 99999999 05 aabbccdd',
    '04 00 00 11223344 04 aabbccdd',
  ])('ignores %j', (packet) => expect(readTokenReply(hex(packet), OURS)).toBeUndefined());
});

describe('readInfo', () => {
  it('reads what a server answered', () => {
    expect(readInfo(answer(RECORDED), OURS)).toEqual({
      name: 'wl',
      map: 'dm1',
      gameType: 'DM',
      version: '0.7.5',
      players: 0,
      maxPlayers: 16,
    });
  });

  it('reads numbers of several bytes', () => {
    // 0x81 0x01: 1 + (1 << 6) = 65; 0xbf 0x7f: 63 + (127 << 6) = 8191.
    const info = readInfo(answer('01 3000 6e00 00 6d00 6700 00 01 00 08 8101 bf7f'), OURS);
    expect(info).toMatchObject({ players: 65, maxPlayers: 8191 });
  });

  it('ignores packets that are something else', () => {
    expect(readInfo(hex('04 00 00 11223344 05 aabbccdd'), OURS)).toBeUndefined();
    expect(readInfo(answer(RECORDED), OURS + 1)).toBeUndefined();
  });

  it('says so when the answer ends in the middle, wherever that is', () => {
    const whole = answer(RECORDED);
    for (let end = 17; end < whole.length; end += 1) {
      expect(() => readInfo(whole.subarray(0, end), OURS), `${end} bytes`).toThrow(/ends within/u);
    }
  });
});

import { createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeKeyPair } from './key-pair.ts';

test('both parts are of one key, and no two keys are alike', () => {
  const { privateKey, publicKey } = makeKeyPair();
  const [type, text] = publicKey.split(' ');
  const bytes = Buffer.from(text!, 'base64');
  // RFC 5656: name of the type, name of the curve, the point; each after its length.
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    fields.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const { x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
  const point = [Buffer.from([4]), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')];
  expect([type, fields[0]!.toString(), fields[1]!.toString()]).toEqual([
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp256',
    'nistp256',
  ]);
  expect(fields[2]).toEqual(Buffer.concat(point));
  expect(makeKeyPair().publicKey).not.toBe(publicKey);
});

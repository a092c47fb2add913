import { generateKeyPairSync } from 'node:crypto';
import type { KeyPair } from '../frameworks/common/upkeep.ts';

/** The name of the curve P-256 in RFC 5656. */
const CURVE = 'nistp256';

/** A field of the binary form of a key in RFC 4251: its length, then itself. */
function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Makes a key of SSH: the private part as OpenSSH reads it (SEC 1, PEM), the public one as a line of `authorized_keys`. */
export function makeKeyPair(): KeyPair {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const type = `ecdsa-sha2-${CURVE}`;
  const bytes = Buffer.concat([field(Buffer.from(type)), field(Buffer.from(CURVE)), field(point)]);
  return {
    privateKey: pair.privateKey.export({ format: 'pem', type: 'sec1' }).toString(),
    publicKey: `${type} ${bytes.toString('base64')}`,
  };
}

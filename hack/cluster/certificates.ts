import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.ts';

/** A certificate to make. */
export interface CertificateSpec {
  /** File name without suffix. */
  readonly name: string;
  /** OpenSSL subject, as `/O=system:masters/CN=admin`. */
  readonly subject: string;
  /** Subject alternative names, as `IP:127.0.0.1`; none for a pure client. */
  readonly names?: readonly string[];
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650'];

/** Path of a certificate in a folder of them. */
export const certificateFile = (folder: string, name: string): string => join(folder, `${name}.crt`);

/** Path of a private key in a folder of them. */
export const keyFile = (folder: string, name: string): string => join(folder, `${name}.key`);

/** Makes the folder, the cluster's certificate authority `ca` and the key pair `service-account` in it. */
export const makeAuthority = async (folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await exec('openssl', [
    'req',
    '-x509',
    ...KEY,
    '-subj',
    '/CN=proffer-local-cluster',
    '-addext',
    'keyUsage=critical,keyCertSign,digitalSignature',
    '-keyout',
    keyFile(folder, 'ca'),
    '-out',
    certificateFile(folder, 'ca'),
  ]);
  // SEC 1: the one form of an EC key that the API server reads both as private and as public key.
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(keyFile(folder, 'service-account'), privateKey, { mode: 0o600 });
};

/** Makes a certificate signed by the folder's authority, good for servers and clients. */
export const makeCertificate = async (folder: string, spec: CertificateSpec): Promise<void> => {
  await exec('openssl', [
    'req',
    '-x509',
    '-CA',
    certificateFile(folder, 'ca'),
    '-CAkey',
    keyFile(folder, 'ca'),
    ...KEY,
    '-subj',
    spec.subject,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-addext',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(spec.names ? ['-addext', `subjectAltName=${spec.names.join(',')}`] : []),
    '-keyout',
    keyFile(folder, spec.name),
    '-out',
    certificateFile(folder, spec.name),
  ]);
};

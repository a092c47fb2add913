import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { certificateFile, keyFile } from './certificates.ts';

/**
 * Writes a kubeconfig that holds everything it needs, so that it can be copied anywhere on the machine.
 * @param user name of the client certificate in `pki`
 */
export const writeKubeconfig = (file: string, pki: string, server: string, user: string): void => {
  const base64 = (path: string): string => readFileSync(path).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'proffer',
        cluster: { server, 'certificate-authority-data': base64(certificateFile(pki, 'ca')) },
      },
    ],
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': base64(certificateFile(pki, user)),
          'client-key-data': base64(keyFile(pki, user)),
        },
      },
    ],
    contexts: [{ name: 'proffer', context: { cluster: 'proffer', user } }],
    'current-context': 'proffer',
  };
  writeFileSync(`${file}.new`, stringify(config), { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

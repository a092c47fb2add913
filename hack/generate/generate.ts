/** Writes the CRDs and the API reference from the zod schemas in src/api: `npm run generate`. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { outputs, OWNED_FOLDERS } from './outputs.ts';

const root = join(import.meta.dirname, '../..');

const files = outputs();

for (const [path, text] of files) {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(path);
}

for (const folder of OWNED_FOLDERS) {
  for (const name of await readdir(join(root, folder))) {
    if (files.has(`${folder}/${name}`)) continue;
    await rm(join(root, folder, name));
    console.log(`${folder}/${name} removed: no longer generated`);
  }
}

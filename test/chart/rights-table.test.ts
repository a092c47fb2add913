import { expect, test } from 'vitest';
import { chartFile, type Manifest, render } from './helm.ts';
import { flat, operatorRoles, right } from './rights.ts';

const HEADER = '| where | API group | resources | verbs | for |';

interface Row {
  readonly rights: string[];
  readonly purpose: string;
}

const words = (cell: string): string[] => cell.split(',').map((word) => word.trim());

/** The table of the operator's rights in README.md, each right with where it holds. */
async function tableRows(): Promise<Row[]> {
  const [, table = ''] = (await chartFile('README.md')).split(HEADER);
  const lines = table.split('\n').slice(2);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end).map((line) => {
    const [where, group, resources, verbs, purpose] = line
      .replaceAll('`', '')
      .split('|')
      .slice(1, 6)
      .map((cell) => cell.trim()) as [string, string, string, string, string];
    const rights = words(resources).flatMap((text) => {
      const [resource, name] = text.split(' named ') as [string, string | undefined];
      const names = name === undefined ? undefined : [name];
      return words(verbs).map(
        (verb) => `${where}: ${right(verb, resource, group === 'core' ? '' : group, names)}`,
      );
    });
    return { rights, purpose };
  });
}

/** Where the rights of a role hold, in the words of the table. */
const placeOf = ({ metadata: { namespace } }: Manifest): string => {
  if (namespace === undefined) return 'cluster';
  return namespace === 'proffer-system' ? 'release namespace' : namespace;
};

const rendered = async (valueSet: string): Promise<string[]> =>
  operatorRoles(await render(valueSet))
    .flatMap((role) => flat(role).map((text) => `${placeOf(role)}: ${text}`))
    .sort();

test('the table in README.md names every right that the operator gets, and no other', async () => {
  const listed = (await tableRows()).flatMap(({ rights }) => rights);
  const all = [...(await rendered('owner-enforcement')), ...(await rendered('production'))];
  expect(listed.sort()).toEqual([...new Set(all)].sort());
});

test('each row says what its rights are for, and which of them a value has to be set for', async () => {
  const rows = await tableRows();
  expect(rows.filter(({ purpose }) => purpose === '')).toEqual([]);
  const always = rows.filter(({ purpose }) => !purpose.startsWith('only with '));
  expect(always.flatMap(({ rights }) => rights).sort()).toEqual(await rendered('defaults'));
});

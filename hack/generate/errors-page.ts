import { errorCodes } from '../../src/lib/errors.ts';
import { cell, code, generatedFrom, markdownTable } from './page.ts';

/** The reference of error codes: docs/reference/errors.md. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([name, { meaning, remedy }]) => [
    code(name),
    cell(meaning),
    cell(remedy),
  ]);
  return [
    generatedFrom('src/lib/errors.ts'),
    '# Error codes',
    '',
    'Every error that Proffer raises on purpose carries one of these codes. Codes are stable; messages are for people ' +
      'and may change. An error without a code is a bug.',
    '',
    ...markdownTable(['code', 'meaning', 'what to do'], rows),
    '',
  ].join('\n');
}

import { expect, test } from 'vitest';
import { Line } from './line.ts';

function setUp(stock: string[]) {
  const line = new Line<string>();
  const log: string[] = [];
  const join = (name: string, priority = 0, only?: string, signal = new AbortController().signal) => {
    const serve = () => {
      const at = stock.findIndex((item) => only === undefined || item === only);
      return at < 0 ? undefined : stock.splice(at, 1)[0];
    };
    void line.wait(priority, serve, signal).then((got) => log.push(`${name}:${got ?? 'nothing'}`));
  };
  return { line, log, join };
}
const settled = () => new Promise((resolve) => void setImmediate(resolve));

test('the higher priority is served first, of equal ones who came first', async () => {
  const stock: string[] = [];
  const { line, log, join } = setUp(stock);
  join('a');
  join('b', 5);
  join('c');
  join('d', 5);
  stock.push('1', '2', '3');
  line.serve();
  await settled();
  expect(log).toEqual(['b:1', 'd:2', 'a:3']);
  expect(line.length).toBe(1);
});

test('who finds nothing that fits holds up nobody behind', async () => {
  const stock = ['x'];
  const { line, log, join } = setUp(stock);
  join('picky', 9, 'y');
  join('other');
  line.serve();
  await settled();
  expect(log).toEqual(['other:x']);
});

test('who leaves gets nothing, and takes nothing', async () => {
  const stock: string[] = [];
  const { line, log, join } = setUp(stock);
  const gone = new AbortController();
  join('gone', 0, undefined, gone.signal);
  join('late', 0, undefined, AbortSignal.abort());
  join('stays');
  gone.abort();
  stock.push('1');
  line.serve();
  await settled();
  expect(log.sort()).toEqual(['gone:nothing', 'late:nothing', 'stays:1']);
  join('last');
  line.close();
  await settled();
  expect(log).toContain('last:nothing');
});

import { describe, expect, it } from 'vitest';
import { mergedPath, Tree } from './tree.ts';

describe('mergedPath', () => {
  it.each([
    ['/lib/x.so', 'usr/lib/x.so'],
    ['lib64/ld.so', 'usr/lib64/ld.so'],
    ['/usr/lib/../lib/x.so', 'usr/lib/x.so'],
    ['/bin', 'usr/bin'],
    ['library/x', 'library/x'],
    ['/etc/passwd', 'etc/passwd'],
    ['usr/games/', 'usr/games'],
  ])('%s is %s', (path, merged) => expect(mergedPath(path)).toBe(merged));
});

describe('Tree', () => {
  it('lists parents before children whatever the order they came in', () => {
    const tree = new Tree();
    tree.text('/usr/share/b', 'b');
    tree.text('/usr/share-a', 'a');
    tree.dir('/tmp', 0o1777);
    expect(tree.entries().map((entry) => entry.path)).toEqual([
      'tmp',
      'usr',
      'usr/share',
      'usr/share-a',
      'usr/share/b',
    ]);
  });

  it('keeps the mode that a folder was given', () => {
    const tree = new Tree();
    tree.dir('tmp', 0o1777);
    tree.text('tmp/x', '');
    expect(tree.entries()[0]).toEqual({ kind: 'dir', path: 'tmp', mode: 0o1777 });
  });

  it('refuses a path that is to be two kinds of thing', () => {
    const tree = new Tree();
    tree.text('lib/x', '');
    expect(() => tree.link('usr/lib/x', 'y')).toThrow(/\/usr\/lib\/x is packed both as file and as symlink/u);
  });
});

import { describe, expect, test } from 'vitest';
import { parseQuantities } from './quantities.ts';
import { formatResources, parseResources, ResourcesError } from './resources.ts';
import { columnOf } from './resource-kind.ts';

const again = (text: string): string => formatResources(parseResources(text, 'field'));

describe('resources as people write them', () => {
  test.each([
    [' cpus: 2 ;; mem:3; ', 'cpus:2;mem:3'],
    ['text-one:1', 'text-one:1'],
    ['text-ports:[ ]', ''],
    ['text-ports:[ 1 - 3 , 5 ]', 'text-ports:[1-3,5-5]'],
    ['text-ports:[10-300]', 'text-ports:[10-300]'],
    ['text-ports:[0-4294967296]', 'text-ports:[0-4294967296]'],
    ['text-zones:{ b , a }', 'text-zones:{a,b}'],
    ['text-zones:{ }', ''],
    ['text-zones:{one}', 'text-zones:{one}'],
    ['text-one( a | a/b ):1', 'text-one(a|a/b):1'],
    ['text-one( a/b ):1', 'text-one(a/b):1'],
    ['text-one( * ):1', 'text-one:1'],
    ['disk(a){ MOUNT , VOLUME=text-1 }:10', 'disk(a){MOUNT,VOLUME=text-1}:10'],
    ['cpus:1.25', 'cpus:1.25'],
    ['cpus:.5', 'cpus:0.5'],
    ['cpus:.25', 'cpus:0.25'],
    ['cpus:12.', 'cpus:12'],
    ['cpus:1e2', 'cpus:100'],
    ['cpus:1E+2', 'cpus:100'],
    ['cpus:250e-3', 'cpus:0.25'],
    ['cpus:1000000000', 'cpus:1000000000'],
    ['gpus:3.0', 'gpus:3'],
  ])('%s', (text, read) => {
    expect(again(text)).toBe(read);
  });

  test('numbers, ranges and sets of one name are different things', () => {
    const { items } = parseResources('text-mixed:5;text-mixed:[1-2];text-mixed:{a}', 'field');
    expect(items.map(({ kind }) => kind.type).sort()).toEqual(['ranges', 'scalar', 'set']);
    expect(new Set(items.map(({ kind }) => kind.column))).toEqual(new Set([columnOf('text-mixed')]));
  });

  test.each([
    ['cpus:1x', '"1x" is no number'],
    ['cpus:x1', '"x1" is no number'],
    ['cpus:1.x', '"1.x" is no number'],
    ['cpus:.', '"." is no number'],
    ['cpus:', '"" is no number'],
    ['cpus:1000000001', '"1000000001" is over 1000000000'],
    ['a b:1', '"a b:1": not NAME:VALUE'],
    ['(a):1', 'not NAME:VALUE'],
    ['ports:[1-2]3', '"[1-2]3" is no [FIRST-LAST,...]'],
    ['ports:[1-2-3]', '"1-2-3" is no FIRST-LAST'],
    ['ports:[ x1 ]', '"x1" is no FIRST-LAST'],
    ['ports:[1, 5 - 4 ]', '"5 - 4" ends before it begins'],
    ['ports:[1, 2-4294967297 ]', '"2-4294967297" goes over 4294967296'],
    ['ports:[1,]', '"" is no FIRST-LAST'],
    ['zones:{a}b', '"{a}b" is no {MEMBER,...}'],
    ['zones:{,}', 'a member of the set is empty'],
    ['disk(a){VOLUME=}:1', '"VOLUME=" is none of'],
    ['disk(a){VOLUME=b c}:1', '"VOLUME=b c" is none of'],
    ['disk(a){XVOLUME=b}:1', '"XVOLUME=b" is none of'],
    ['cpus(a){VOLUME=v}:1', 'disk types and volumes are for "disk" alone'],
    ['cpus(*|a):1', 'nothing can be reserved for "*"'],
    ['cpus(a|a/b|a/c):1', 'a refinement must name a role below "a/b", "a/c" is none'],
  ])('%s is refused', (text, problem) => {
    expect(() => again(`mem:1;${text}`)).toThrow(problem);
  });

  test('a refusal has a code, and names the field, the part and the grammar', () => {
    const refusal = (() => {
      try {
        return parseResources('mem:1;cpus:-1', 'agent.total');
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(ResourcesError);
    expect(refusal).toMatchObject({ code: 'PROFFER_RESOURCES' });
    expect(String(refusal)).toContain('agent.total: "cpus:-1": "-1" is no number of 0 or more; write NAME[(');
  });
});

describe('quantities as people write them', () => {
  test('may stand apart', () => {
    expect([...parseQuantities(' cpus:1 ;; mem: 2 ;', 'f')]).toEqual([
      ['cpus', 1000],
      ['mem', 2000],
    ]);
  });

  test.each(['(cpus:1', 'a b:1', ':1', 'cpus:1\n2'])('are refused when they are none: %j', (text) => {
    expect(() => parseQuantities(text, 'quota.limit')).toThrow(`quota.limit: "${text}": `);
  });
});

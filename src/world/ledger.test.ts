import { expect, test } from 'vitest';
import { aNode, aPod } from '../../test/builders/index.ts';
import { agentFacts } from '../snapshot/agent.ts';
import { ResourceColumns } from '../snapshot/resources.ts';
import { createPodReader } from '../snapshot/task.ts';
import { Ledger } from './ledger.ts';

const read = createPodReader();
const of = (owner: string, name = 'p') =>
  aPod(name).customer().ownedBy('ReplicaSet', owner).on('n1').request('example.com/fpga', '2').build();

/** Columns of the standard resources and of some others. */
function columnsOf(...names: string[]): ResourceColumns {
  const columns = new ResourceColumns();
  for (const name of names) columns.add(name);
  return columns;
}

function ledger(): Ledger {
  const made = new Ledger();
  made.agentsAre([agentFacts(aNode('n1').build())], new Map());
  return made;
}

test('a Pod that leaves a party and comes back before anybody looks is there once', () => {
  const made = ledger();
  const columns = columnsOf('example.com/fpga');
  made.columnsAre(columns);
  made.put(read(of('web', 'stays')));
  for (const owner of ['web', 'db', 'web']) made.put(read(of(owner)));
  const parties = made.customers();
  expect(parties.map(({ pods }) => pods.length)).toEqual([2]);
  expect(parties[0]!.held(columns).total[columns.get('example.com/fpga')!]).toBe(4);
});

test('a resource that gets a column later counts from then on', () => {
  const made = ledger();
  made.put(read(of('web')));
  const fpga = (columns: ResourceColumns) => {
    made.columnsAre(columns);
    const column = columns.get('example.com/fpga') ?? -1;
    return [made.placeOf('n1').used(columns)[column], made.customers()[0]!.held(columns).total[column]];
  };
  expect(fpga(columnsOf())).toEqual([undefined, undefined]);
  expect(fpga(columnsOf('example.com/fpga'))).toEqual([2, 2]);
  expect(fpga(columnsOf('example.com/other', 'example.com/fpga'))).toEqual([2, 2]);
});

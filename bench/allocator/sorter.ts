import { DrfSorter } from '../../src/allocator/roles/drf-sorter.ts';
import { parseResources } from '../../src/allocator/resources/resources.ts';
import { SorterTotals } from '../../src/allocator/roles/sorter-totals.ts';
import { ALL_MARKS } from '../../src/allocator/roles/sorter.ts';
import type { Recorder } from './measure.ts';

const AGENT = parseResources('cpus:24;mem:4096;disk:4096;ports:[31000-32000]', 'agent');
const PART = parseResources('cpus:16;mem:2014;disk:1024', 'part');

const SORTS = 51;

/** The sorter by itself: allocations over all clients, a sort from scratch, one with nothing to do, and all taken back. */
export function sortClients(recorder: Recorder, agents: number, clients: number): void {
  const totals = new SorterTotals();
  const sorter = new DrfSorter<number>(totals);
  const members = Array.from({ length: clients }, (_, i) => sorter.add(`client-${i}`, i));
  for (const client of members) sorter.activate(client);
  for (let i = 0; i < agents; i++) totals.add(AGENT);
  recorder.time('allocate', () => {
    for (let i = 0; i < agents; i++) sorter.allocate(members[i % clients]!, `agent-${i}`, PART);
  });
  const first = (): number => {
    sorter.start();
    return sorter.next(ALL_MARKS)!.payload;
  };
  // A new total asks for all shares anew, what was allocated in between changes the order.
  for (let sort = 0; sort < SORTS; sort++) {
    for (const client of members)
      if ((client.payload * 7 + sort) % 5 === 0) sorter.allocate(client, 'A', PART);
    totals.add(AGENT);
    recorder.time('full sort', first);
    recorder.time('no-op sort', first);
  }
  recorder.time('unallocate', () => {
    for (let i = 0; i < agents; i++) sorter.unallocate(members[i % clients]!, `agent-${i}`, PART);
  });
}

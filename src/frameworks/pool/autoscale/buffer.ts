import type { BufferPolicy } from '../../../api/pool/autoscale.ts';
import { greater, type Server, type Wish } from './server.ts';

/** Whether players to come can be sent there now. */
const isFree = ({ ready, held, withheld }: Server): boolean => ready && !held && !withheld;

/** As many servers as are held, or kept from players, and some free ones. */
export function bufferWish({ servers, percent }: BufferPolicy, all: readonly Server[]): Wish {
  const held = all.filter((server) => server.held).length;
  const withheld = all.filter((server) => server.withheld && !server.held).length;
  const free = greater(servers, percent, held);
  const others = withheld === 0 ? '' : `, ${withheld} to which nobody is sent`;
  return {
    replicas: held + withheld + free,
    because: `${held} held${others} and ${free} free`,
    keep: { least: free, worth: (server) => Number(isFree(server)) },
  };
}

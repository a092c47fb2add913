import type { SessionAnswer } from '../api/allocation.ts';
import { ANNOTATION, LABEL } from '../api/group.ts';
import type { Counters } from '../snapshot/hints.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import type { Entry } from './entry.ts';

/** `game=7000/UDP` and its like. */
const portsIn = (text: string): SessionAnswer['ports'] =>
  [...text.matchAll(/([^=,]+)=(\d+)\/(\w+)/g)].map(([, name = '', port, protocol = '']) => ({
    name,
    port: Number(port),
    protocol,
  }));

/** `game=198.51.100.4:7000/UDP` and its like. */
const servicesIn = (text: string): SessionAnswer['services'] =>
  [...text.matchAll(/([^=,]+)=([^,]+):(\d+)\/(\w+)/g)].map(
    ([, name = '', address = '', port, protocol = '']) => ({ name, address, port: Number(port), protocol }),
  );

/** `ExternalIP=203.0.113.7` and its like. */
const addressesIn = (text: string): SessionAnswer['addresses'] =>
  [...text.matchAll(/([^=,]+)=([^=,]+)/g)].map(([, type = '', address = '']) => ({ type, address }));

/** What a session is told of its server. @param pod as the API server has it @param entry what stands of the session there */
export function sessionAnswer(
  { metadata, spec, status }: Pod,
  session: string,
  entry: Entry,
  counters: Counters,
  about: { readonly isNew: boolean; readonly clipped: readonly string[] },
): SessionAnswer {
  const { labels = {}, annotations = {} } = metadata;
  const told = addressesIn(annotations[ANNOTATION.addresses] ?? '');
  const hostIP = status?.hostIP;
  const addresses =
    told.length > 0 || hostIP === undefined ? told : [{ type: 'InternalIP', address: hostIP }];
  const external = addresses.find(({ type }) => type === 'ExternalIP') ?? addresses[0];
  return {
    namespace: metadata.namespace ?? '',
    session,
    isNew: about.isNew,
    server: metadata.name,
    pool: labels[LABEL.pool] ?? '',
    node: spec.nodeName ?? '',
    address: external?.address ?? '',
    addresses,
    ports: portsIn(annotations[ANNOTATION.ports] ?? ''),
    services: servicesIn(annotations[ANNOTATION.serviceAddress] ?? ''),
    counters: Object.fromEntries(
      Object.entries(counters).map(([name, { count, capacity }]) => [
        name,
        { count, ...(capacity === undefined ? {} : { capacity }) },
      ]),
    ),
    clipped: [...about.clipped],
    ...entry,
  };
}

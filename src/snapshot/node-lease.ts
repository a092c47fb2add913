import { parseTime } from '../lib/time.ts';
import type { NamedObject } from './reading/objects.ts';
import { readerOf } from './reading/meta.ts';
import { object, text, whole, type Faulty } from './reading/schema.ts';

/** What Proffer keeps of a kubelet's lease in kube-node-lease. */
export interface NodeLease extends Faulty {
  /** Store key: namespace/name. */
  readonly key: string;
  readonly namespace: string;
  readonly node: string;
  /** When it was renewed last, as the kubelet's clock says, ms since the epoch; 0 when it does not say. */
  readonly renewedAt: number;
  readonly durationSeconds: number;
}

/** Duration of a lease that does not say, seconds. */
const LEASE_SECONDS = 40;

interface LeaseSpec {
  readonly renewTime?: string;
  readonly leaseDurationSeconds?: number;
}

const readLease = readerOf<NamedObject & { readonly spec?: LeaseSpec }>({
  spec: object<LeaseSpec>({ renewTime: text, leaseDurationSeconds: whole }),
});

/** Reads a kubelet's lease; its name is the node's. */
export function nodeLease(raw: object): NodeLease {
  const { object: its, faults } = readLease(raw);
  const { name, namespace = '' } = its.metadata;
  const { renewTime, leaseDurationSeconds } = its.spec ?? {};
  return {
    key: `${namespace}/${name}`,
    namespace,
    node: name,
    renewedAt: parseTime(renewTime),
    durationSeconds: leaseDurationSeconds ?? LEASE_SECONDS,
    faults,
  };
}

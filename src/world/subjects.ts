import type { CustomerGroup, CustomerPod } from '../snapshot/customer-groups.ts';
import type { Subject } from '../snapshot/drafting.ts';
import { workloadHolder, workloadId } from '../snapshot/framework-id.ts';
import type { Hold } from '../snapshot/hold.ts';
import { roleOf, type Workload } from '../snapshot/workload.ts';
import type { Ledger } from './ledger.ts';
import { Memo } from './memo.ts';
import type { Party } from './party.ts';

/** A framework with its Pods. */
export interface Member {
  readonly subject: Subject;
  readonly party: Party;
}

/** A workload with its tasks. @param party its tasks @param hold why it takes no offers for now */
export const workloadMember = (workload: Workload, party: Party, hold: Hold | undefined): Member => ({
  party,
  subject: {
    id: workloadId(workload),
    kind: workload.names.kind,
    key: workload.key,
    holder: workloadHolder(workload),
    makesPods: true,
    metadata: workload.metadata,
    role: roleOf(workload),
    workload,
    pods: party.pods,
    hold,
  },
});

/** Reads the frameworks of Pods of others. */
export class Customers {
  readonly #groups = new WeakMap<Party, Memo<CustomerGroup>>();

  /**
   * All of them, in the order of their ids.
   * @param holds why some take no offers for now, by id @param readsNumbers from numberReaders()
   */
  members(
    ledger: Ledger,
    holds: ReadonlyMap<string, Hold>,
    readsNumbers: (namespace: string) => boolean,
  ): Member[] {
    const parties = ledger.customers();
    const gangRoles = rolesOfGangs(parties);
    return parties.map((party): Member => {
      const { framework, role } = (party.pods[0] as CustomerPod).customer;
      const [namespace = '', name = ''] = framework.key.split('/');
      const workload = this.#groupOf(party, readsNumbers(namespace), gangRoles.get(framework.key) ?? []);
      const { id } = framework;
      const identity = { ...framework, holder: id, makesPods: false, metadata: { name, namespace }, role };
      return { party, subject: { ...identity, workload, pods: party.pods, hold: holds.get(id) } };
    });
  }

  /** The same object while it says the same. */
  #groupOf(party: Party, numbered: boolean, gangRoles: readonly string[]): CustomerGroup {
    let memo = this.#groups.get(party);
    if (!memo) this.#groups.set(party, (memo = new Memo()));
    return memo.get([numbered, ...gangRoles], () => ({ numbered, gangRoles }));
  }
}

/** Roles that the living members of each gang draw on, by the key of its framework: those of each role are a gang apart. */
function rolesOfGangs(parties: readonly Party[]): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  for (const { pods } of parties) {
    const { gangMin, framework, role } = (pods[0] as CustomerPod).customer;
    if (gangMin === undefined || pods.every(({ terminal }) => terminal)) continue;
    const known = roles.get(framework.key);
    if (known) known.push(role);
    else roles.set(framework.key, [role]);
  }
  return roles;
}

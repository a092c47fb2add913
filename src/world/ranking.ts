import { admissionsOf, admittedWorkload, type AdmittedClasses } from '../snapshot/admitted.ts';
import { NamedClasses, type Ranked } from '../snapshot/named-classes.ts';
import type { RoleAccounts } from '../snapshot/role-account.ts';
import { roleOf, type Workload } from '../snapshot/workload.ts';
import type { Surroundings } from './inputs.ts';
import { Memo } from './memo.ts';
import type { Party } from './party.ts';

/** What has a say in where a workload stands. */
interface Influences {
  /** Its tasks. */
  readonly party: Party;
  readonly named: NamedClasses;
  readonly accounts: RoleAccounts;
  readonly admitted: AdmittedClasses | undefined;
}

/** Says where workloads stand, by the same object while nothing changes it. */
export class Ranking {
  readonly #named = new Memo<NamedClasses>();
  readonly #ranked = new WeakMap<Party, Memo<Ranked>>();

  /** The classes that Pods can name. */
  namedClasses({ priorityClasses, runtimeClasses }: Surroundings): NamedClasses {
    const [priorities, runtimes] = [[...priorityClasses], [...runtimeClasses]];
    return this.#named.get([...priorities, ...runtimes], () => new NamedClasses(priorities, runtimes));
  }

  /** A workload with what its classes, its account and the API server make of it. */
  of(workload: Workload, { party, named, accounts, admitted }: Influences): Ranked {
    let memo = this.#ranked.get(party);
    if (!memo) this.#ranked.set(party, (memo = new Memo()));
    const account = accounts.of(workload.metadata.namespace ?? '', roleOf(workload));
    const admissions = admitted && admissionsOf(workload, admitted);
    return memo.get([workload, named, account.maxPriority, ...(admissions ?? [])], () => {
      const ranked = named.of(workload, account);
      return admissions ? admittedWorkload(ranked, admissions) : ranked;
    });
  }
}

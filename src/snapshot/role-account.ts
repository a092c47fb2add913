import { REASON } from '../api/conditions.ts';
import { CUSTOMER_LABEL } from '../api/group.ts';
import { MOST_ROLE_LEVELS } from '../api/schema/names.ts';
import { isWithin, parentOf } from '../lib/role-path.ts';
import type { Hold } from './hold.ts';
import type { LabelSelector } from './reading/objects.ts';
import type { NamespaceLabels } from './pod-rules.ts';
import type { RolePaths } from './role-tree.ts';
import { compileSelector, selects, type Labels, type Selector } from './reading/selector.ts';
import type { RoleFacts } from './workload.ts';

/** What a workload or Pod draws on. */
export interface Account {
  /** Path of the role that is charged. */
  readonly path: string;
  /** Name of the OfferRole that governs it: that of the path, or the nearest above it. */
  readonly offerRole: string | undefined;
  /** Highest `spec.priority` there; undefined when the OfferRole says none. */
  readonly maxPriority: number | undefined;
  /** Name of the OfferRole that was meant and does not let the namespace draw on it; then `path` is another one. */
  readonly refusedBy: string | undefined;
}

/** Says which namespaces an OfferRole lets draw on it. */
class Grant {
  readonly #names: ReadonlySet<string>;
  readonly #selector: Selector | undefined;

  constructor({ metadata, spec }: RoleFacts) {
    this.#names = new Set(spec.namespaces ? spec.namespaces.names : [metadata.name]);
    this.#selector = compileSelector(spec.namespaces?.selector as LabelSelector | undefined);
  }

  /** @param labels of the namespace; undefined while they are not known, which only a selector without rules takes */
  covers(namespace: string, labels: Labels | undefined): boolean {
    if (this.#names.has(namespace)) return true;
    return labels === undefined ? this.#selector?.length === 0 : selects(this.#selector, labels);
  }
}

/** Of a role that no OfferRole governs. */
const UNGOVERNED = { offerRole: undefined, maxPriority: undefined, refusedBy: undefined } as const;

/** The role of a namespace whose own name an OfferRole bears that is for others only. No OfferRole can be called so. */
const withoutRole = (namespace: string): string => `namespace:${namespace}`;

/**
 * Finds the account that the text of a role means in a namespace:
 *
 * 1. the name of an OfferRole means its path; a path below an OfferRole means itself;
 * 2. any other text means a role below the namespace's own one, so that a name that somebody invents gives no new share;
 * 3. the nearest OfferRole on the way from there to the top decides whether the namespace may draw on it. If it may
 *    not, what runs all the same is charged to the namespace's own role.
 */
export class RoleAccounts {
  readonly #paths: RolePaths;
  readonly #namespaces: NamespaceLabels;
  readonly #grants = new Map<RoleFacts, Grant>();
  /** By namespace and text: most Pods of a cluster are alike. */
  readonly #known = new Map<string, Map<string, Account>>();

  constructor(paths: RolePaths, namespaces: NamespaceLabels) {
    this.#paths = paths;
    this.#namespaces = namespaces;
  }

  /** The account of a workload or Pod. @param role name or path, as it stands in the object */
  of(namespace: string, role: string): Account {
    let known = this.#known.get(namespace);
    if (!known) this.#known.set(namespace, (known = new Map()));
    let account = known.get(role);
    if (!account) known.set(role, (account = this.#find(namespace, role)));
    return account;
  }

  #find(namespace: string, role: string): Account {
    const path = this.#pathOf(namespace, role);
    const nearest = this.#nearest(path);
    if (!nearest) return { path, ...UNGOVERNED };
    const { metadata, spec } = nearest;
    if (this.#mayDraw(namespace, nearest)) {
      const isInEffect = !this.#paths.problems.has(this.#paths.pathOf(metadata.name));
      const maxPriority = isInEffect ? spec.maxPriority : undefined;
      return { path, offerRole: metadata.name, maxPriority, refusedBy: undefined };
    }
    const refusedBy = metadata.name;
    if (refusedBy === namespace) return { path: withoutRole(namespace), ...UNGOVERNED, refusedBy };
    return { ...this.of(namespace, namespace), refusedBy };
  }

  #pathOf(namespace: string, role: string): string {
    const path = this.#paths.pathOf(role);
    if (this.#nearest(path)) return path;
    const own = this.#paths.pathOf(namespace);
    const below = isWithin(role, namespace) ? `${own}${role.slice(namespace.length)}` : `${own}/${role}`;
    return below.split('/').slice(0, MOST_ROLE_LEVELS).join('/');
  }

  /** The OfferRole of a path, or the nearest above it. */
  #nearest(path: string): RoleFacts | undefined {
    for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
      const object = this.#paths.objects.get(at);
      if (object) return object;
    }
    return undefined;
  }

  #mayDraw(namespace: string, role: RoleFacts): boolean {
    let grant = this.#grants.get(role);
    if (!grant) this.#grants.set(role, (grant = new Grant(role)));
    return grant.covers(namespace, this.#namespaces.get(namespace));
  }
}

/**
 * Holds what would draw on a role that does not let its namespace do so.
 * @param makesPods of a workload; Pods of others name their role in a label
 * @returns undefined when it may
 */
export function grantHold(makesPods: boolean, namespace: string, { refusedBy }: Account): Hold | undefined {
  if (refusedBy === undefined) return undefined;
  const field = makesPods ? 'spec.role' : `the label ${CUSTOMER_LABEL.role}`;
  const message =
    `namespace ${namespace} may not draw on role ${refusedBy}: let its OfferRole name the namespace in ` +
    `spec.namespaces, or name another role in ${field}`;
  return { reason: REASON.role, message };
}

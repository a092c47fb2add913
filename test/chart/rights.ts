import { type Manifest, ofKind } from './helm.ts';

/** One rule of a Role or ClusterRole. */
export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

/** The rules of a Role or ClusterRole. */
export const rules = (manifest: Manifest): Rule[] => manifest['rules'] as Rule[];

/** One right in words: `list nodes`, `update leases.coordination.k8s.io/NAME` where it is for one object. */
export const right = (verb: string, resource: string, group: string, names?: readonly string[]): string =>
  `${verb} ${resource}${group && `.${group}`}${names ? `/${names.join()}` : ''}`;

/** Every right that a role gives, sorted. */
export const flat = (manifest: Manifest): string[] =>
  rules(manifest)
    .flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => right(verb, resource, group, resourceNames))),
      ),
    )
    .sort();

/** The roles that a binding gives to the operator. */
export const operatorRoles = (manifests: Manifest[]): Manifest[] => {
  const bound = [...ofKind(manifests, 'ClusterRoleBinding'), ...ofKind(manifests, 'RoleBinding')].map(
    (binding) => {
      const { kind, name } = binding['roleRef'] as { kind: string; name: string };
      return `${kind}/${name}`;
    },
  );
  return manifests.filter(({ kind, metadata }) => bound.includes(`${kind}/${metadata.name}`));
};

import type { Invalid } from './invalid.ts';
import { role } from './manifests.ts';

const amount = 'an amount must be a quantity that is not negative';

/** OfferRoles that the API server must refuse. */
export const roles: readonly Invalid[] = [
  {
    why: 'a parent that is a path',
    manifest: role({ parent: 'studio/arena' }),
    says: ['spec.parent', 'the name of an OfferRole, not a path: write arena, not studio/arena'],
  },
  {
    why: 'a role that is its own parent',
    manifest: role({ parent: 'studio' }),
    says: ['spec.parent', 'a role cannot be its own parent'],
  },
  {
    why: 'a guarantee below the top',
    manifest: role({ parent: 'publisher', guarantee: { cpu: '2' } }),
    says: ['spec.guarantee', 'only a top-level role can have a guarantee: give it to the parent'],
  },
  {
    why: 'a limit under the guarantee',
    manifest: role({ guarantee: { cpu: '1500m', memory: '1Gi' }, limit: { cpu: 1 } }),
    says: ['spec.limit', 'the limit of a resource is under its guarantee: raise the limit'],
  },
  {
    why: 'a guarantee that is no quantity',
    manifest: role({ guarantee: { cpu: 'two' } }),
    says: ['spec.guarantee[cpu]', amount],
  },
  {
    why: 'a limit of a resource that nobody knows',
    manifest: role({ limit: { cores: '2' } }),
    says: ['spec.limit', 'a resource must be cpu, memory, ephemeral-storage'],
  },
  {
    why: 'half a device reserved',
    manifest: role({
      reservations: [{ nodeSelector: { tier: 'gold' }, resources: { 'nvidia.com/gpu': '500m' } }],
    }),
    says: ['spec.reservations[0].resources', 'is handed out whole'],
  },
  {
    why: 'a reservation on no nodes in particular',
    manifest: role({ reservations: [{ nodeSelector: {}, resources: { cpu: '1' } }] }),
    says: ['spec.reservations[0].nodeSelector', 'at least 1'],
  },
  {
    why: 'a role for nobody, by a slip',
    manifest: role({ namespaces: {} }),
    says: ['spec.namespaces', '{} selects every namespace'],
  },
  {
    why: 'a requirement without values',
    manifest: role({ namespaces: { selector: { matchExpressions: [{ key: 'team', operator: 'In' }] } } }),
    says: ['spec.namespaces.selector.matchExpressions[0].values', 'In and NotIn need values'],
  },
  {
    why: 'a requirement with an operator that Kubernetes does not know',
    manifest: role({ namespaces: { selector: { matchExpressions: [{ key: 'n', operator: 'Gt' }] } } }),
    says: ['operator', 'Unsupported value: "Gt"'],
  },
  {
    why: 'a bound of priorities that no priority can reach',
    manifest: role({ maxPriority: 1001 }),
    says: ['spec.maxPriority', 'less than or equal to 1000'],
  },
  { why: 'weight 0', manifest: role({ weight: 0 }), says: ['spec.weight', 'greater than or equal to 1'] },
  {
    why: 'weight out of bounds',
    manifest: role({ weight: 10_001 }),
    says: ['spec.weight', 'less than or equal to 10000'],
  },
  {
    why: 'fractional weight',
    manifest: role({ weight: 0.5 }),
    says: ['spec.weight', 'must be of type integer'],
  },
  {
    why: 'role without a spec',
    manifest: { ...role({}), spec: undefined },
    says: ['spec', 'Required value'],
  },
];

import type { Node, Taint } from './objects.ts';
import { readerOf, statusCondition } from './meta.ts';
import { resourceMap } from './pod-spec.ts';
import { flag, list, object, text } from './schema.ts';

const taint = object<Taint>({ key: text, value: text, effect: text }, ['key', 'effect']);
type Address = NonNullable<NonNullable<Node['status']>['addresses']>[number];

/** Reads a Node. */
export const readNode = readerOf<Node>({
  spec: object<NonNullable<Node['spec']>>({ unschedulable: flag, taints: list(taint) }),
  status: object<NonNullable<Node['status']>>({
    allocatable: resourceMap,
    conditions: list(statusCondition),
    nodeInfo: object<NonNullable<NonNullable<Node['status']>['nodeInfo']>>({ bootID: text }),
    addresses: list(object<Address>({ type: text, address: text }, ['type', 'address'])),
  }),
});

import { z } from 'zod';
import { quantity } from './schema/quantity.ts';
import { rules, type Rule } from './schema/rules.ts';

/** True for a resource that Kubernetes never overcommits: a device, or huge pages. */
const isWhole = "(k.contains('/') || k.startsWith('hugepages-'))";

const nameRules = rules(
  {
    rule: 'self.all(k, size(k) <= 317)',
    message: 'the name of a resource has at most 317 characters: 253 before the slash and 63 after it',
  },
  {
    rule: `self.all(k, ${isWhole} || k in ['cpu', 'memory', 'ephemeral-storage'])`,
    message:
      'a resource must be cpu, memory, ephemeral-storage, hugepages-SIZE, or a device by its full name such as ' +
      'nvidia.com/gpu: correct the name of the others',
  },
  {
    rule: "self.all(k, !k.contains('/') || !isQuantity(string(self[k])) || quantity(string(self[k])).isInteger())",
    message: 'a device such as nvidia.com/gpu is handed out whole: write 1, 2, 3 ...',
  },
);

/** Rule against a request above its limit, for one of the resources that a container may overcommit. */
const requestFitsLimit = (resource: string): Rule => {
  const request = `string(self.requests['${resource}'])`;
  const limit = `string(self.limits['${resource}'])`;
  return {
    rule:
      `!has(self.requests) || !has(self.limits) || !('${resource}' in self.requests) || ` +
      `!('${resource}' in self.limits) || !isQuantity(${request}) || !isQuantity(${limit}) || ` +
      `!quantity(${request}).isGreaterThan(quantity(${limit}))`,
    message: `the ${resource} request exceeds the ${resource} limit: raise the limit or lower the request`,
    fieldPath: '.requests',
  };
};

/** Kubernetes takes a device only with a limit, and with a request, if there is one, that equals it. */
const wholeIsLimited: Rule = {
  rule:
    `!has(self.requests) || self.requests.all(k, !${isWhole} || (has(self.limits) && k in self.limits && ` +
    '(!isQuantity(string(self.limits[k])) || !isQuantity(string(self.requests[k])) || ' +
    'quantity(string(self.limits[k])).compareTo(quantity(string(self.requests[k]))) == 0)))',
  message:
    'devices (nvidia.com/gpu) and huge pages are never overcommitted: write in limits what requests say',
  fieldPath: '.limits',
};

/** Amounts by resource name, with the rules on names and quantities. @param what describes the field */
export const resourceAmounts = (what: string) =>
  z
    .record(z.string(), quantity)
    .describe(what)
    .meta({ maxProperties: 16, ...nameRules });

/** Requests and limits of one container. */
export const resources = z
  .looseObject({
    requests: resourceAmounts('What an offer must contain for this container, by resource name.').optional(),
    limits: resourceAmounts(
      'Upper bounds by resource name; a limit without a request counts as the request, as in Kubernetes.',
    ).optional(),
  })
  .describe('Resources of the container. Requests decide which offers fit.')
  .meta(
    rules(
      requestFitsLimit('cpu'),
      requestFitsLimit('memory'),
      requestFitsLimit('ephemeral-storage'),
      wholeIsLimited,
    ),
  );

import { z } from 'zod';
import { rules } from './validation.ts';

const quantity = z
  .union([z.string(), z.number()])
  .describe('A Kubernetes quantity: 500m, 2, 512Mi, 1.5Gi. A fraction is written as a string: "0.5".')
  .meta({ 'x-kubernetes-int-or-string': true, maxLength: 32 });

const bad = '!isQuantity(string(self[k])) || quantity(string(self[k])).isLessThan(quantity("0"))';
const known = "k.contains('/') || k.startsWith('hugepages-') || k in ['cpu', 'memory', 'ephemeral-storage']";

/** Rules for a map of resource name to amount. */
const amountRules = rules(
  {
    rule: `self.all(k, !(${bad}))`,
    message: 'every amount must be a quantity that is not negative, such as 500m, 2, 512Mi or 1.5Gi',
    messageExpression:
      `self.filter(k, ${bad}).map(k, k + ': ' + string(self[k])).join(', ') + ` +
      "': an amount must be a quantity that is not negative, such as 500m, 2, 512Mi or 1.5Gi'",
  },
  {
    rule: `self.all(k, ${known})`,
    message:
      'a resource must be cpu, memory, ephemeral-storage, hugepages-<size> or a device name with a domain',
    messageExpression:
      `self.filter(k, !(${known})).join(', ') + ': no such resource; write cpu, memory, ` +
      "ephemeral-storage, hugepages-<size>, or a device by its full name such as nvidia.com/gpu'",
  },
);

const over =
  'k in self.limits && isQuantity(string(self.requests[k])) && isQuantity(string(self.limits[k])) && ' +
  'quantity(string(self.requests[k])).isGreaterThan(quantity(string(self.limits[k])))';
const device = "(k.contains('/') || k.startsWith('hugepages-'))";

/** Requests and limits of one container. */
export const resources = z
  .looseObject({
    requests: z
      .record(z.string(), quantity)
      .describe('What an offer must contain for this container, by resource name.')
      .meta({ maxProperties: 16, ...amountRules })
      .optional(),
    limits: z
      .record(z.string(), quantity)
      .describe(
        'Upper bounds by resource name; a limit without a request counts as the request, as in Kubernetes.',
      )
      .meta({ maxProperties: 16, ...amountRules })
      .optional(),
  })
  .describe('Resources of the container. Requests decide which offers fit.')
  .meta(
    rules(
      {
        rule: `!has(self.requests) || !has(self.limits) || self.requests.all(k, !(${over}))`,
        message: 'requests must not exceed limits: raise the limit or lower the request',
        messageExpression:
          `'requests must not exceed limits, but do for ' + self.requests.filter(k, ${over}).join(', ') + ` +
          "': raise the limit or lower the request'",
      },
      {
        rule:
          `!has(self.requests) || self.requests.all(k, !${device} || ` +
          '(has(self.limits) && k in self.limits && string(self.limits[k]) == string(self.requests[k])))',
        message:
          'a device (nvidia.com/gpu) or huge pages cannot be shared: write the same amount in limits as in requests',
      },
    ),
  );

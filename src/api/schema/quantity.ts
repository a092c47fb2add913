import { z } from 'zod';
import { rules } from './rules.ts';

/** An amount of something. */
export const quantity = z
  .union([z.string(), z.number()])
  .describe('A Kubernetes quantity: 500m, 2, 512Mi, 1.5Gi. A fraction is written as a string: "0.5".')
  .meta({
    'x-kubernetes-int-or-string': true,
    // What rules cost goes by it, since Kubernetes 1.34; before, the chart leaves those with quantities out.
    maxLength: 32,
    ...rules({
      rule: "isQuantity(string(self)) && !quantity(string(self)).isLessThan(quantity('0'))",
      message: 'an amount must be a quantity that is not negative, such as 500m, 2, 512Mi or 1.5Gi',
    }),
  });

import type { Answer, OfferBundle } from '../allocator/offer.ts';
import { takeAll, takeEach } from './takings.ts';

/** Pods of others take every offer that has room for one of them, or as a gang for all of them. */
export const answerForPods = (bundle: OfferBundle): Answer =>
  bundle.framework.gang ? takeAll(bundle, 'Pods of the gang') : takeEach(bundle, 'Pods than wait');

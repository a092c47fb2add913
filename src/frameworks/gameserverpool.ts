import type { Answer, OfferBundle } from '../allocator/offer.ts';
import { takeEach } from './takings.ts';

/** A pool takes every offer that has room for its servers. */
export const answerForPool = (bundle: OfferBundle): Answer => takeEach(bundle, 'servers than the pool lacks');

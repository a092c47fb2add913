import type { Answer, OfferBundle } from '../allocator/offer.ts';
import { takeAll } from './takings.ts';

/** A job takes room for all its missing workers: half a gang trains nothing and keeps others waiting. */
export const answerForJob = (bundle: OfferBundle): Answer => takeAll(bundle, 'workers');

import type { AnswerOffers } from '../allocator/offer.ts';
import { answerForPool } from './gameserverpool.ts';
import { answerForPods } from './pods.ts';
import { answerForJob } from './trainingjob.ts';

/** Hands a bundle to the accept function of the framework's kind. */
export const answerOffers: AnswerOffers = (bundle) => {
  switch (bundle.framework.kind) {
    case 'GameServerPool':
      return answerForPool(bundle);
    case 'TrainingJob':
      return answerForJob(bundle);
    case 'Pods':
      return answerForPods(bundle);
  }
};

/** Why the API server would refuse a Pod for a class that it names. */
export interface ClassTrouble {
  /** Field of the PodSpec. */
  readonly field: string;
  /** What is wrong with it. */
  readonly what: string;
  /** What to do about it. */
  readonly cure: string;
}

/** A trouble in one sentence, for the template of a workload. */
export const troubleText = ({ field, what, cure }: ClassTrouble): string =>
  `template.spec.${field}: ${what}: ${cure}`;

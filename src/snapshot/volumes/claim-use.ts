import type { PodSpec } from '../reading/objects.ts';

/** A claim that a Pod uses. */
export interface ClaimUse {
  /** In the namespace of the Pod. */
  readonly name: string;
  /**
   * UID of the Pod for a generic ephemeral volume, whose claim is made for it and is of use to it alone; undefined for a
   * claim that the Pod names.
   */
  readonly owner: string | undefined;
}

/** Most Pods use none. */
const NO_CLAIMS: readonly ClaimUse[] = [];

/**
 * The claims that a Pod uses, in the order of its volumes.
 * @param pod names the claims of generic ephemeral volumes; a template has no name, and its ephemeral volumes no claims
 */
export function claimsOf(
  { volumes = [] }: PodSpec,
  pod?: { readonly name: string; readonly uid: string },
): readonly ClaimUse[] {
  const claims = volumes.flatMap((volume): ClaimUse[] => {
    if (volume.claim !== undefined) return [{ name: volume.claim, owner: undefined }];
    return volume.sources.includes('ephemeral') && pod
      ? [{ name: `${pod.name}-${volume.name}`, owner: pod.uid }]
      : [];
  });
  return claims.length > 0 ? claims : NO_CLAIMS;
}

/**
 * Keys that pass from a zod schema into the CRD through `.meta(...)`. zod checks shape and bounds; the rules that
 * look at several fields, or that need a sentence of their own, run inside the API server as CEL.
 */

/** One CEL rule of a CRD, beside the field that it guards. */
export interface Rule {
  /** CEL expression that is true for a good value; `self` is the value, `oldSelf` what it was before an update. */
  readonly rule: string;
  /** What is wrong and what to do, for the person who wrote the object. */
  readonly message: string;
  /** Words the refusal as `Forbidden`. The API server drops the message of the other reasons that it knows. */
  readonly reason?: 'FieldValueForbidden';
  /** Field below this one that the refusal points at, such as `.role`. */
  readonly fieldPath?: string;
}

/** Meta keys that attach CEL rules to a schema. Call it once per schema: a second call replaces the first. */
export function rules(...list: readonly Rule[]): { 'x-kubernetes-validations': readonly Rule[] } {
  return { 'x-kubernetes-validations': list };
}

/** Meta keys of a list whose items are told apart by `keys`: duplicates are refused and server-side apply merges items. */
export function mapList(...keys: readonly string[]): Record<string, unknown> {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

/** Meta keys of a list that is always replaced as a whole. */
export const atomicList = { 'x-kubernetes-list-type': 'atomic' } as const;

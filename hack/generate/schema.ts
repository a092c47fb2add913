/** A node of an OpenAPI v3 schema in the form that CustomResourceDefinitions take. */
export interface Schema {
  type?: string;
  description?: string;
  format?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: SchemaRule[];
}

/** A CEL rule as it stands in the CRD. */
export interface SchemaRule {
  rule: string;
  message: string;
  reason?: string;
  fieldPath?: string;
}

/** A place in a schema and what is wrong there. */
export class GenerateError extends Error {
  readonly code = 'GENERATE_SCHEMA';
  /** Path of the field, such as `spec.ports[].name`. */
  readonly field: string;
  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}

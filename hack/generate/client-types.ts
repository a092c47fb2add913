/** What is read of a schema in the OpenAPI document. */
interface JsonSchema {
  readonly type: 'string' | 'boolean' | 'integer' | 'array' | 'object';
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly required?: readonly string[];
}

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** What is read of the document itself. */
export interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly requestBody?: Content; readonly responses: Record<string, Content> }>
      >
    >
  >;
}

/** Calls that the client makes, with the names of what they take and answer. */
const CALLS: Readonly<Record<string, { readonly request?: string; readonly answer: string }>> = {
  '/v1/allocate': { request: 'AllocateRequest', answer: 'Session' },
  '/v1/reserve': { request: 'ReserveRequest', answer: 'Session' },
  '/v1/begin': { request: 'BeginRequest', answer: 'Session' },
  '/v1/release': { request: 'ReleaseRequest', answer: 'ReleaseAnswer' },
  '/v1/sessions/{session}': { answer: 'Session' },
};

const comment = ({ description }: JsonSchema, indent: string): string =>
  description === undefined ? '' : `${indent}/** ${description} */\n`;

/** A schema as a type of TypeScript. */
function typeOf(schema: JsonSchema, indent: string): string {
  if (schema.enum) return schema.enum.map((value) => `'${String(value)}'`).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type;
    case 'integer':
      return 'number';
    case 'array':
      return `readonly ${schema.items!.enum ? `(${typeOf(schema.items!, indent)})` : typeOf(schema.items!, indent)}[]`;
    case 'object':
      if (schema.properties) return fieldsOf(schema, indent);
      return `Readonly<Record<string, ${typeOf(schema.additionalProperties as JsonSchema, indent)}>>`;
  }
}

function fieldsOf({ properties = {}, required = [] }: JsonSchema, indent: string): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, field]) => {
    const mark = required.includes(name) ? '' : '?';
    return `${comment(field, inner)}${inner}readonly ${name}${mark}: ${typeOf(field, inner)};\n`;
  });
  return `{\n${fields.join('')}${indent}}`;
}

/** Types of all that the calls take and answer, out of the OpenAPI document: clients/typescript/src/types.ts. */
export function clientTypes({ paths }: OpenApi): string {
  const types = new Map<string, JsonSchema>();
  for (const [path, { request, answer }] of Object.entries(CALLS)) {
    const { requestBody, responses } = Object.values(paths[path]!)[0]!;
    const json = 'application/json';
    if (request) types.set(request, requestBody!.content[json]!.schema);
    types.set(answer, responses['200']!.content[json]!.schema);
    types.set('Problem', responses['400']!.content['application/problem+json']!.schema);
  }
  const text = Array.from(
    types,
    ([name, schema]) => `${comment(schema, '')}export interface ${name} ${fieldsOf(schema, '')}\n`,
  );
  return `// Generated from docs/reference/openapi.json by \`npm run generate\`. Do not edit.\n\n${text.join('\n')}`;
}

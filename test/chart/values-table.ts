/** The part of a JSON schema that the chart's own schema uses to describe a value. */
export interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  description?: string;
}

/** A value of the chart that a user sets. */
export interface Leaf {
  path: string;
  description: string;
}

/** The values that a schema describes, in its order: a section is walked through, all else is a leaf. */
export const leaves = (schema: Schema, prefix = ''): Leaf[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const path = `${prefix}${key}`;
    // A described object is one value (affinity), an undescribed one a section (image).
    return child.properties !== undefined && child.description === undefined
      ? leaves(child, `${path}.`)
      : [{ path, description: child.description ?? '' }];
  });

/** The table of values for README.md. */
export const valuesTable = (schema: Schema, defaults: unknown): string => {
  const rows = leaves(schema)
    .filter(({ path }) => path !== 'global')
    .map(({ path, description }) => {
      const value = path
        .split('.')
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], defaults);
      return `| \`${path}\` | \`${JSON.stringify(value)}\` | ${description.replaceAll('|', '\\|')} |`;
    });
  return ['| value | default | what |', '|---|---|---|', ...rows].join('\n');
};

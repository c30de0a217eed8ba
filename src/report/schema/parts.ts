/** A part of a JSON Schema. */
export type Schema = { readonly [keyword: string]: unknown };

/** The keys of an object: `?` at the end of a name says that the key may be absent. */
type Keys = Readonly<Record<string, Schema>>;

export const text = (description: string): Schema => ({ type: 'string', description });
export const flag = (description: string): Schema => ({ type: 'boolean', description });
export const count = (description: string): Schema => ({ type: 'integer', minimum: 0, description });
export const number = (description: string): Schema => ({ type: 'number', description });
export const address = (description: string): Schema => ({ type: 'string', pattern: '^-?0x[0-9a-f]+$', description });
export const oneOf = (values: readonly string[], description: string): Schema => ({
  type: 'string',
  enum: values,
  description,
});
export const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
export const list = (items: Schema, description: string): Schema => ({ type: 'array', items, description });
export const map = (values: Schema, description: string): Schema => ({
  type: 'object',
  additionalProperties: values,
  description,
});

/** An object with these keys and no others. */
export function object(description: string, keys: Keys): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [key, schema] of Object.entries(keys)) {
    const name = key.endsWith('?') ? key.slice(0, -1) : key;
    properties[name] = schema;
    if (name === key) required.push(name);
  }
  return { type: 'object', description, properties, required, additionalProperties: false };
}

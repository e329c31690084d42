/** A schema as a vendor's OpenAPI document has it, or the JSON Schema that was made of it. */
export type Schema = Readonly<Record<string, unknown>>;

/** What both languages share and mean alike. Everything else is about pictures, titles and examples. */
const KEPT = [
  'type',
  'enum',
  'const',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'required',
];

/** Formats that say something about JSON text; `int64`, `binary` and the like do not. */
const FORMATS = ['uuid', 'date-time', 'uri', 'email'];

/** The JSON value is an object, so it may have members. */
export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Makes a JSON Schema (2020-12) of an OpenAPI 3.0 or 3.1 schema. References stay, pointed at `base`, and whatever they
 * point at must be there converted, too. Members that the document does not name are refused: whoever sends one has
 * made it up.
 */
export function toJsonSchema(schema: unknown, base: string, root: unknown): Schema {
  const made = convert(schema, base, root);
  return namesItsMembers(schema, root) ? { ...made, unevaluatedProperties: false } : made;
}

/** The same for what is part of another schema, or referred to: it names only some of the members. */
export function convert(schema: unknown, base: string, root: unknown): Schema {
  if (!isObject(schema)) return schema === false ? { not: {} } : {};
  const made: Record<string, unknown> = {};
  for (const keyword of KEPT) if (keyword in schema) made[keyword] = schema[keyword];
  if (schema['x-open-enum'] === true) delete made.enum;
  if (FORMATS.includes(String(schema.format))) made.format = schema.format;
  if (typeof schema.$ref === 'string') made.$ref = `${base}${schema.$ref}`;
  Object.assign(made, bounds(schema), parts(schema, base, root));
  return schema.nullable === true ? orNull(made) : made;
}

/** 3.0 says `exclusiveMinimum: true` beside `minimum`, 3.1 the number itself. */
function bounds(schema: Schema): Schema {
  const made: Record<string, unknown> = {};
  for (const [keyword, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const value = schema[keyword] === true ? schema[bound] : schema[keyword];
    if (typeof value === 'number') made[keyword] = value;
  }
  return made;
}

/**
 * `oneOf` becomes `anyOf`: the documents are generated from types, in which a value may fit two alternatives.
 */
function parts(schema: Schema, base: string, root: unknown): Schema {
  const made: Record<string, unknown> = {};
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(alternatives)) made.anyOf = alternatives.map((one) => convert(one, base, root));
  if (Array.isArray(schema.allOf)) made.allOf = schema.allOf.map((one) => convert(one, base, root));
  if (isObject(schema.not)) made.not = convert(schema.not, base, root);
  if ('items' in schema) made.items = toJsonSchema(schema.items, base, root);
  if (isObject(schema.properties)) {
    const members = Object.entries(schema.properties).map(([name, one]) => [name, toJsonSchema(one, base, root)]);
    made.properties = Object.fromEntries(members);
  }
  const { additionalProperties: others } = schema;
  if (typeof others === 'boolean') made.additionalProperties = others;
  if (isObject(others)) made.additionalProperties = toJsonSchema(others, base, root);
  return made;
}

function orNull(schema: Record<string, unknown>): Schema {
  const { type, enum: values } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) && { enum: [...values, null] }) };
}

/** Whether every object that fits names its members, so that another member can only be a mistake. */
function namesItsMembers(schema: unknown, root: unknown, seen: readonly unknown[] = []): boolean {
  if (!isObject(schema) || seen.includes(schema) || 'additionalProperties' in schema) return false;
  const look = (one: unknown): boolean => namesItsMembers(one, root, [...seen, schema]);
  if (typeof schema.$ref === 'string') return look(resolve(root, schema.$ref));
  const { allOf, properties } = schema;
  const named = isObject(properties) && Object.keys(properties).length > 0;
  const whole = named || (Array.isArray(allOf) && allOf.some(look));
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(alternatives)) return whole;
  const objects = alternatives.filter(mayBeObject);
  return objects.length > 0 && (whole || objects.every(look));
}

function mayBeObject(schema: unknown): boolean {
  if (!isObject(schema)) return true;
  const { type, enum: values } = schema;
  return (
    values === undefined &&
    (type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object')))
  );
}

/** What a pointer such as `#/components/schemas/Project` names. Throws when it names nothing. */
export function resolve(root: unknown, pointer: string): unknown {
  const steps = pointer.replace(/^#\//, '').split('/');
  const found = steps.reduce<unknown>((at, step) => (isObject(at) ? at[unescaped(step)] : undefined), root);
  if (found === undefined) throw new Error(`The document refers to ${pointer}, which is not in it.`);
  return found;
}

function unescaped(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

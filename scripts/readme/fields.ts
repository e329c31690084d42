/** The part of JSON schema that our generated schemas use. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
}

/** One line of a reference: a field that holds a value, by its path from the root. */
export interface Field {
  readonly path: string;
  /** What may stand there, in Markdown. */
  readonly values: string;
  /** `yes`, or what holds where it is left out. */
  readonly needed: string;
  readonly description: string;
}

/** Every field of a mapping, depth first; mappings with fixed keys are opened up. */
export function fieldsOf(schema: JsonSchema, path = '', optional?: string): Field[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([key, member]) => {
    const own = path === '' ? key : `${path}.${key}`;
    const left = optional ?? (required.has(key) ? undefined : own);
    if (member.properties) return fieldsOf(member, own, left);
    const description = member.description ?? '';
    return [
      { path: own, values: valuesOf(member), needed: neededOf(member, required.has(key), optional), description },
    ];
  });
}

function neededOf(member: JsonSchema, isRequired: boolean, optional: string | undefined): string {
  if (member.default !== undefined) return defaultOf(member.default);
  if (!isRequired) return 'no';
  return optional === undefined ? 'yes' : `with \`${optional}\``;
}

function defaultOf(value: unknown): string {
  return typeof value === 'object' ? 'no' : `no: \`${String(value)}\``;
}

/** Above this many words a list is cut; the schema has them all. */
const WORDS = 5;

function valuesOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return listOf(schema.enum.map(String));
  if (schema.anyOf) return schema.anyOf.map(valuesOf).join(' or ');
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'array') return `list of ${entryOf(schema.items ?? {})}`;
  if (schema.properties) return `\`{ ${Object.keys(schema.properties).join(', ')} }\``;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return `mapping to ${entryOf(schema.additionalProperties)}`;
  }
  return schema.type === 'string' ? 'text' : (schema.type ?? 'anything');
}

function entryOf(schema: JsonSchema): string {
  return schema.type === 'string' ? 'text' : valuesOf(schema);
}

function listOf(words: readonly string[]): string {
  const shown = words.slice(0, WORDS).map((word) => `\`${word}\``);
  return words.length > WORDS ? `${shown.slice(0, 2).join(', ')} … (${words.length})` : shown.join(', ');
}

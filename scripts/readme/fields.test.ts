import { describe, expect, it } from 'vitest';
import { fieldsOf, type JsonSchema } from './fields.ts';

/** A mapping with one key, required or not. */
function having(key: string, member: JsonSchema, required = true): JsonSchema {
  return { type: 'object', properties: { [key]: member }, required: required ? [key] : [] };
}

function only(schema: JsonSchema) {
  const [field, ...others] = fieldsOf(schema);
  expect(others).toEqual([]);
  return field;
}

describe('the fields of a schema', () => {
  it('are named by their path and carry what is said about them', () => {
    const schema = having('spec', having('size', { type: 'string', description: 'How large.' }));
    expect(fieldsOf(schema)).toEqual([{ path: 'spec.size', values: 'text', needed: 'yes', description: 'How large.' }]);
  });

  it.each<[string, JsonSchema, string]>([
    ['a constant', { type: 'string', const: 'Agency' }, '`Agency`'],
    ['a few words', { enum: ['a', 'b'] }, '`a`, `b`'],
    ['as many words as are shown', { enum: ['a', 'b', 'c', 'd', 'e'] }, '`a`, `b`, `c`, `d`, `e`'],
    ['more words', { enum: ['a', 'b', 'c', 'd', 'e', 'f'] }, '`a`, `b` … (6)'],
    ['a number', { type: 'integer', minimum: 1, maximum: 64 }, '1 to 64'],
    ['a list', { type: 'array', items: { type: 'string' } }, 'list of text'],
    ['a list of mappings', { type: 'array', items: having('name', {}) }, 'list of `{ name }`'],
    ['a mapping', { type: 'object', additionalProperties: { type: 'string' } }, 'mapping to text'],
    ['a choice', { anyOf: [{ type: 'string' }, having('secret', {})] }, 'text or `{ secret }`'],
    ['a switch', { type: 'boolean' }, 'boolean'],
  ])('say what %s takes', (_, member, values) => {
    expect(only(having('x', member))?.values).toBe(values);
  });

  it.each<[string, JsonSchema, string]>([
    ['yes where it must be there', having('x', { type: 'string' }), 'yes'],
    ['no where it may be left out', having('x', { type: 'string' }, false), 'no'],
    ['the default where there is one', having('x', { type: 'string', default: '/' }, false), 'no: `/`'],
    ['no where the default is empty', having('x', { type: 'object', default: {} }, false), 'no'],
    ['the mapping it must be there with', having('app', having('ref', {}), false), 'with `app`'],
    ['no inside a mapping that may be left out', having('app', having('ref', {}, false), false), 'no'],
  ])('say %s', (_, schema, needed) => {
    expect(only(schema)?.needed).toBe(needed);
  });
});

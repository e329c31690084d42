import { describe, expect, it } from 'vitest';
import { allowances, covers } from './allowed.ts';
import { createChecker, type Exchange, textOf } from './check.ts';
import { type Document, parse } from './documents.ts';

type Json = Record<string, unknown>;

/** A document of Supabase with the one operation `POST /v1/things/{ref}`. */
function aDocument(
  operation: Json,
  { file = 'supabase-2026-05.openapi.json', info = {}, components = {} } = {},
): Document {
  const root = {
    openapi: '3.0.0',
    info,
    servers: [{ url: 'https://api.supabase.com' }],
    paths: { '/v1/things/{ref}': { post: operation } },
    components,
  };
  return parse(file, JSON.stringify(root));
}

const json = (schema: unknown): Json => ({ content: { 'application/json': { schema } } });
const answering = (schema: unknown, status = 200): Json => ({ responses: { [status]: json(schema) } });

function anExchange(over: Partial<Exchange> = {}): Exchange {
  return {
    vendor: 'supabase',
    method: 'POST',
    path: '/v1/things/abc',
    query: new URLSearchParams(),
    request: undefined,
    status: 200,
    response: {},
    ...over,
  };
}

function found(documents: readonly Document[], over: Partial<Exchange>): string[] {
  return createChecker(documents).check(anExchange(over)).map(textOf);
}

/** What is said to an answer of that schema. */
const said = (schema: unknown, response: unknown, components = {}): string[] =>
  found([aDocument(answering(schema), { components })], { response }).map((text) =>
    text.replace('supabase POST /v1/things/{ref} response 200: ', ''),
  );

const thing = { type: 'object', properties: { id: { type: 'string' }, at: { type: 'string' } }, required: ['id'] };

describe('an answer', () => {
  it('may be what the document says', () => {
    expect(said(thing, { id: 'a' })).toEqual([]);
    expect(said({ type: 'array', items: thing }, [{ id: 'a' }, { id: 'b', at: 'now' }])).toEqual([]);
  });

  it.each([
    ['a missing member', {}, [" must have required property 'id'"]],
    ['another type', { id: 7 }, ['/id must be string']],
    ['a member that was made up', { id: 'a', colour: 'red' }, [' has "colour", which is not in the document']],
    ['nothing at all', undefined, [' must be object']],
  ])('is refused with %s', (_, response, problems) => {
    expect(said(thing, response)).toEqual(problems);
  });

  it('is refused by operation, place and member', () => {
    expect(
      found([aDocument(answering({ type: 'array', items: thing }))], { response: [{ id: 'a' }, { id: 1 }] }),
    ).toEqual(['supabase POST /v1/things/{ref} response 200: /*/id must be string']);
  });

  it('may have any member where the document names none, or says so', () => {
    expect(said({ type: 'object' }, { any: 1 })).toEqual([]);
    expect(said({ ...thing, additionalProperties: true }, { id: 'a', any: 1 })).toEqual([]);
    expect(said({ type: 'object', additionalProperties: { type: 'number' } }, { any: 'x' })).toEqual([
      '/any must be number',
    ]);
  });

  it('may be null only where it is nullable, also in an enumeration and beside a reference', () => {
    const components = { schemas: { Thing: thing } };
    expect(said({ ...thing, nullable: true }, null)).toEqual([]);
    expect(said({ type: 'string', enum: ['a'], nullable: true }, null)).toEqual([]);
    expect(said({ $ref: '#/components/schemas/Thing', nullable: true }, null, components)).toEqual([]);
    expect(said({ $ref: '#/components/schemas/Thing' }, null, components)).toEqual([' must be object']);
    expect(said({ type: ['string', 'null'] }, null)).toEqual([]);
  });

  it('may hold a word that is new to an open enumeration only', () => {
    const values = { type: 'string', enum: ['UP', 'DOWN'] };
    expect(said({ ...values, 'x-open-enum': true }, 'SIDEWAYS')).toEqual([]);
    expect(said(values, 'SIDEWAYS')).toEqual([' must be equal to one of the allowed values: UP,DOWN']);
  });

  it('may fit two alternatives, and must fit one, members included', () => {
    const other = { type: 'object', properties: { id: { type: 'string' }, size: { type: 'number' } } };
    expect(said({ oneOf: [thing, other] }, { id: 'a' })).toEqual([]);
    expect(said({ oneOf: [thing, other] }, { id: 'a', size: 1, at: 'now' })).toEqual([]);
    expect(said({ oneOf: [thing, other] }, { id: 'a', colour: 'red' })).toEqual([
      ' has "colour", which is not in the document',
    ]);
    expect(said({ allOf: [thing, other] }, { id: 'a', size: 1 })).toEqual([]);
    expect(said({ oneOf: [{ type: 'string' }, { type: 'number' }] }, true).length).toBeGreaterThan(0);
  });

  it('follows references that lead back to themselves', () => {
    const tree = { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } };
    const components = { schemas: { Tree: tree } };
    const schema = { $ref: '#/components/schemas/Tree' };
    expect(said(schema, { child: { child: {} } }, components)).toEqual([]);
    expect(said(schema, { child: { child: 1 } }, components)).toEqual(['/child/child must be object']);
    expect(said(schema, { child: { colour: 1 } }, components)).toEqual([
      '/child has "colour", which is not in the document',
    ]);
  });

  it('keeps bounds and formats in the words of both versions', () => {
    expect(said({ type: 'number', minimum: 1, exclusiveMinimum: true }, 1)).toEqual([' must be > 1']);
    expect(said({ type: 'number', exclusiveMinimum: 1 }, 1)).toEqual([' must be > 1']);
    expect(said({ type: 'string', format: 'uuid' }, 'x')).toEqual([' must match format "uuid"']);
    expect(said({ type: 'string', format: 'date-time' }, 'yesterday')).toEqual([' must match format "date-time"']);
    expect(said({ type: 'integer', format: 'int64' }, 5)).toEqual([]);
  });

  it('has a status that the document lists', () => {
    expect(found([aDocument(answering(thing))], { status: 404 })).toEqual([
      'supabase POST /v1/things/{ref} response 404: this status is not in the document',
    ]);
  });
});

describe('a request', () => {
  const operation = {
    ...answering({}),
    requestBody: json({ ...thing, additionalProperties: false }),
    parameters: [
      { name: 'ref', in: 'path', required: true, schema: { type: 'string', pattern: '^[a-z]{3}$' } },
      { name: 'limit', in: 'query', schema: { type: 'number', maximum: 100 } },
      { name: 'services', in: 'query', required: true, schema: { type: 'array', items: { enum: ['db', 'auth'] } } },
    ],
  };
  const asked = (over: Partial<Exchange>) => {
    const query = new URLSearchParams('services=db');
    return found([aDocument(operation)], { request: { id: 'a' }, query, response: null, ...over });
  };

  it('that was accepted must be one that the document allows', () => {
    expect(asked({})).toEqual([]);
    expect(asked({ request: { id: 'a', colour: 'red' } })).toEqual([
      'supabase POST /v1/things/{ref} request:  has "colour", which is not in the document',
    ]);
    expect(asked({ request: undefined })).toEqual(['supabase POST /v1/things/{ref} request:  must be object']);
  });

  it('that was refused may be anything', () => {
    expect(asked({ request: 7, status: 400 })).toEqual([
      'supabase POST /v1/things/{ref} response 400: this status is not in the document',
    ]);
  });

  it.each([
    ['limit=5&services=db,auth', []],
    ['limit=5&services=db&services=auth', []],
    ['limit=many&services=db', ['?limit must be number']],
    ['limit=101&services=db', ['?limit must be <= 100']],
    ['services=db,mail', ['?services/* must be equal to one of the allowed values: db,auth']],
    ['limit=5', ['?services is missing']],
    ['services=db&colour=red', ['?colour is not a parameter']],
  ])('with ?%s', (query, problems) => {
    const texts = problems.map((problem) => `supabase POST /v1/things/{ref} query: ${problem}`);
    expect(asked({ query: new URLSearchParams(query) })).toEqual(texts);
  });

  it('has a path as the document spells it', () => {
    expect(asked({ path: '/v1/things/ABC' })).toEqual([
      'supabase POST /v1/things/{ref} query: ?ref must match pattern "^[a-z]{3}$"',
    ]);
  });

  it('has a body only where one is taken', () => {
    expect(found([aDocument(answering({}))], { request: { id: 'a' }, response: null })).toEqual([
      'supabase POST /v1/things/{ref} request: takes no body',
    ]);
  });
});

describe('several documents of one vendor', () => {
  const old = aDocument(answering(thing, 201));
  const rebuilt = aDocument(answering({ ...thing, required: ['id', 'at'] }), {
    file: 'supabase-2026-11.openapi.json',
    info: { 'x-reconstructed': true },
  });

  it('take shapes from the newest, and codes from the newest that knows them', () => {
    const documents = [rebuilt, old];
    expect(found(documents, { status: 201, response: { id: 'a', at: 'now' } })).toEqual([]);
    expect(found(documents, { status: 201, response: { id: 'a' } })).toEqual([
      "supabase POST /v1/things/{ref} response 201:  must have required property 'at'",
    ]);
    expect(found(documents, { status: 200, response: { id: 'a', at: 'now' } })).toEqual([
      'supabase POST /v1/things/{ref} response 200: this status is not in the document',
    ]);
  });

  it('know an operation that one of them has, and name what none has without its ids', () => {
    expect(found([rebuilt, old], { path: '/v1/others/abcdefghijklmnopqrst/keys' })).toEqual([
      'supabase POST /v1/others/*/keys operation: is in no document',
    ]);
    expect(found([old], { vendor: 'vercel' })).toEqual(['vercel POST /v1/things/abc operation: is in no document']);
  });

  it('are refused when they are of somebody else', () => {
    expect(() => parse('x.openapi.json', '{"paths":{}}')).toThrow('neither Supabase nor Vercel nor Resend');
    expect(() => parse('x.openapi.json', '[]')).toThrow('is not an OpenAPI document');
  });
});

describe('an allowance', () => {
  it('covers its own operation, place and problem, and gives a reason', () => {
    const [allowance] = allowances;
    if (allowance === undefined) throw new Error('there is no allowance');
    const { operation, place } = allowance;
    const problem = 'this status is not in the document';
    expect(covers(allowance, { operation, place, problem })).toBe(true);
    expect(covers(allowance, { operation, place: 'response 418', problem })).toBe(false);
    expect(covers(allowance, { operation: 'supabase GET /v1/other', place, problem })).toBe(false);
    expect(covers(allowance, { operation, place, problem: '/id must be string' })).toBe(false);
    expect(allowances.filter(({ because }) => because.length < 20)).toEqual([]);
  });
});

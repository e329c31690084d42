import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { type Document, type Operation, operationsFor, pathPattern, type Vendor } from './documents.ts';
import { convert, isObject, type Schema, toJsonSchema } from './schema.ts';

/** One request and its answer. Bodies are parsed JSON; `undefined` when there was none. */
export interface Exchange {
  readonly vendor: Vendor;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: unknown;
  readonly status: number;
  readonly response: unknown;
}

/** Where traffic and document differ. */
export interface Finding {
  /** As `supabase POST /v1/projects`, with the template where the documents know the path. */
  readonly operation: string;
  /** `request`, `query`, `response 201`, or `operation` when no document has it. */
  readonly place: string;
  readonly problem: string;
}

export const textOf = ({ operation, place, problem }: Finding): string => `${operation} ${place}: ${problem}`;

/** Compares exchanges with what the vendors' documents say. */
export interface Checker {
  check(exchange: Exchange): readonly Finding[];
}

export function createChecker(documents: readonly Document[]): Checker {
  const validators = new Validators(documents);
  return { check: (exchange) => checkOne(documents, validators, exchange) };
}

function checkOne(documents: readonly Document[], validators: Validators, exchange: Exchange): Finding[] {
  const { vendor, method, path } = exchange;
  const known = operationsFor(documents, vendor, method, path);
  const [newest] = known;
  if (newest === undefined) {
    const operation = `${vendor} ${method} ${withoutIds(path)}`;
    return [{ operation, place: 'operation', problem: 'is in no document' }];
  }
  const at = (place: string) => (problem: string) => ({ operation: `${vendor} ${newest.name}`, place, problem });
  return [
    ...(exchange.status < 300 ? requestProblems(validators, newest, exchange).map(at('request')) : []),
    ...(exchange.status < 300 ? queryProblems(validators, newest, exchange).map(at('query')) : []),
    ...answerProblems(validators, newest, known, exchange).map(at(`response ${exchange.status}`)),
  ];
}

/** A path that no document knows, the same for every project. */
function withoutIds(path: string): string {
  return path.replace(/(?<=\/)(?:[a-z]+_[A-Za-z0-9]+|[a-z]{20}|[0-9a-f-]{36})(?=\/|$)/g, '*');
}

/** Only of what was accepted: a refused request may be as wrong as it likes. */
function requestProblems(validators: Validators, operation: Operation, { request }: Exchange): string[] {
  if (operation.body === undefined) return request === undefined ? [] : ['takes no body'];
  return validators.problems(operation, 'request', operation.body, request);
}

function queryProblems(validators: Validators, operation: Operation, { query, path }: Exchange): string[] {
  const values = pathPattern(operation.path).exec(path)?.slice(1) ?? [];
  const names = [...operation.path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
  const inPath = new Map(names.map((name, n) => [name, decodeURIComponent(values[n] ?? '')]));
  const declared = operation.parameters.filter((one) => one.in === 'query' || one.in === 'path');
  const unknown = [...query.keys()].filter((name) => !declared.some((one) => one.in === 'query' && one.name === name));
  return [
    ...unknown.map((name) => `?${name} is not a parameter`),
    ...declared.flatMap((one) => {
      const name = String(one.name);
      const given = one.in === 'path' ? inPath.get(name) : listed(query.getAll(name), one.schema);
      if (given === undefined) return one.required === true ? [`?${name} is missing`] : [];
      return validators.problems(operation, `${one.in} ${name}`, one.schema, given).map((text) => `?${name}${text}`);
    }),
  ];
}

/** A list may come as `a=1&a=2` or as `a=1,2`. */
function listed(values: readonly string[], schema: unknown): string | readonly string[] | undefined {
  const [first] = values;
  if (first === undefined || !JSON.stringify(schema).includes('"array"')) return first;
  return values.flatMap((value) => value.split(','));
}

function answerProblems(
  validators: Validators,
  newest: Operation,
  known: readonly Operation[],
  { status, response }: Exchange,
): string[] {
  const speaker = known.find(({ document }) => !document.guessesCodes);
  if (speaker !== undefined && !speaker.answers.has(String(status))) return ['this status is not in the document'];
  const drawn = newest.answers.has(String(status)) ? newest.answers.get(String(status)) : successOf(newest, status);
  if (drawn !== undefined) return validators.problems(newest, `response ${status}`, drawn, response);
  return [];
}

/** A document that guesses codes draws its one success under 200. */
function successOf({ document, answers }: Operation, status: number): unknown {
  return document.guessesCodes && status < 300 ? answers.get('200') : undefined;
}

/** Compiled schemas; each is compiled when it is first needed, because there are hundreds. */
class Validators {
  readonly #ajv: Ajv2020;
  readonly #strings: Ajv2020;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(documents: readonly Document[]) {
    const options = { allErrors: true, strict: false, formats, validateSchema: false } as const;
    this.#ajv = new Ajv2020(options);
    this.#strings = new Ajv2020({ ...options, coerceTypes: 'array' });
    for (const { file, root } of documents) {
      const shared = { $id: file, components: { schemas: sharedSchemas(file, root) } };
      this.#ajv.addSchema(shared);
      this.#strings.addSchema(shared);
    }
  }

  /** What is wrong with `value`, as `/status must be string`. Text of a URL counts as the number it spells. */
  problems({ name, document }: Operation, place: string, schema: unknown, value: unknown): string[] {
    const key = `${document.file} ${name} ${place}`;
    const ajv = /^(query|path) /.test(place) ? this.#strings : this.#ajv;
    const validate = this.#compiled.get(key) ?? ajv.compile(toJsonSchema(schema, document.file, document.root));
    this.#compiled.set(key, validate);
    return validate(value ?? null) ? [] : worded(validate.errors ?? []);
  }
}

function sharedSchemas(file: string, { components }: Schema): Schema {
  const schemas = isObject(components) && isObject(components.schemas) ? components.schemas : {};
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, convert(schema, file, { components })]),
  );
}

const formats = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'date-time': (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
  uri: (text: string) => URL.canParse(text),
  email: /^[^@\s]+@[^@\s]+$/,
};

/** Those that lie deepest: the others only repeat that no alternative fitted. Numbers of items do not matter. */
function worded(errors: readonly ErrorObject[]): string[] {
  const depth = Math.max(...errors.map(({ instancePath }) => instancePath.split('/').length));
  const telling = errors.filter((error) =>
    error.keyword === 'unevaluatedProperties'
      ? !errors.some(({ instancePath }) => instancePath.startsWith(placeOf(error)))
      : error.instancePath.split('/').length === depth,
  );
  return [...new Set(telling.map((error) => `${error.instancePath.replace(/\/\d+(?=\/|$)/g, '/*')} ${said(error)}`))];
}

/** A member that does not fit counts as not evaluated, too: then only what is wrong inside it tells something. */
function placeOf({ instancePath, params }: ErrorObject): string {
  return `${instancePath}/${params.unevaluatedProperty}`;
}

function said({ keyword, message = 'does not fit', params }: ErrorObject): string {
  if (keyword === 'unevaluatedProperties') return `has "${params.unevaluatedProperty}", which is not in the document`;
  if (keyword === 'additionalProperties') return `has "${params.additionalProperty}", which is not in the document`;
  if (keyword === 'enum') return `${message}: ${String(params.allowedValues).slice(0, 120)}`;
  return message;
}

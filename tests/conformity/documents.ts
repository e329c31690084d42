import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, resolve, type Schema } from './schema.ts';

export type Vendor = 'supabase' | 'vercel' | 'resend';

/** One operation of one document. */
export interface Operation {
  /** As `POST /v1/projects/{ref}/pause`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly document: Document;
  readonly parameters: readonly Schema[];
  /** The schema of its JSON body; `undefined` when it takes none. */
  readonly body: unknown;
  /** The schema of each answer's JSON body by status; `undefined` for answers that the document does not draw. */
  readonly answers: ReadonlyMap<string, unknown>;
}

/** A vendor's OpenAPI document. */
export interface Document {
  readonly file: string;
  readonly vendor: Vendor;
  /** It was put together from a client that does not know which success code is sent. */
  readonly guessesCodes: boolean;
  readonly root: Schema;
  readonly operations: readonly Operation[];
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete', 'head'];

/** Reads every `*.openapi.json` of `dir`, each vendor's newest first. Throws for one that is of none of our vendors. */
export async function readDocuments(dir: string): Promise<readonly Document[]> {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.openapi.json'));
  if (files.length === 0) throw new Error(`There is no *.openapi.json in ${dir}.`);
  return Promise.all(newestFirst(files).map(async (file) => parse(file, await readFile(join(dir, file), 'utf8'))));
}

/** Names carry the month: supabase-2026-11.openapi.json. One without a date was just downloaded. */
function newestFirst(files: readonly string[]): string[] {
  const dateOf = (file: string): string => /\d{4}-\d{2}(?:-\d{2})?/.exec(file)?.[0] ?? '9999-99';
  return files.toSorted((a, b) => dateOf(b).localeCompare(dateOf(a)));
}

export function parse(file: string, text: string): Document {
  const root: unknown = JSON.parse(text);
  if (!isObject(root) || !isObject(root.paths)) throw new Error(`${file} is not an OpenAPI document.`);
  const info = isObject(root.info) ? root.info : {};
  const operations: Operation[] = [];
  const guessesCodes = info['x-reconstructed'] === true;
  const document: Document = { file, vendor: vendorOf(file, root, root.paths), guessesCodes, root, operations };
  for (const [path, item] of Object.entries(root.paths)) {
    if (!isObject(item)) continue;
    for (const method of METHODS) {
      const operation = item[method];
      if (isObject(operation)) operations.push(operationOf(document, method.toUpperCase(), path, item, operation));
    }
  }
  return document;
}

/** By what stands in it, because anybody may rename a file. */
function vendorOf(file: string, root: Schema, paths: Schema): Vendor {
  const servers = JSON.stringify(root.servers ?? '');
  if (servers.includes('api.vercel.com')) return 'vercel';
  if (servers.includes('api.resend.com')) return 'resend';
  if (servers.includes('api.supabase.com') || '/v1/projects/{ref}/api-keys' in paths) return 'supabase';
  throw new Error(`${file} is a document of neither Supabase nor Vercel nor Resend.`);
}

function operationOf(document: Document, method: string, path: string, item: Schema, operation: Schema): Operation {
  const { root } = document;
  const parameters = [...listOf(item.parameters), ...listOf(operation.parameters)].map((one) => followed(root, one));
  const answers = isObject(operation.responses) ? Object.entries(operation.responses) : [];
  return {
    name: `${method} ${path}`,
    method,
    path,
    document,
    parameters,
    body: jsonOf(followed(root, operation.requestBody)),
    answers: new Map(answers.map(([status, answer]) => [status, jsonOf(followed(root, answer))])),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function followed(root: Schema, value: unknown): Schema {
  if (!isObject(value)) return {};
  return typeof value.$ref === 'string' ? followed(root, resolve(root, value.$ref)) : value;
}

function jsonOf({ content }: Schema): unknown {
  const json = isObject(content) ? content['application/json'] : undefined;
  return isObject(json) ? json.schema : undefined;
}

/** What `/v1/projects/abc` names: of several templates that fit, the one with the most literal segments. */
export function operationsFor(
  documents: readonly Document[],
  vendor: Vendor,
  method: string,
  path: string,
): readonly Operation[] {
  return documents
    .filter((document) => document.vendor === vendor)
    .flatMap(({ operations }) => {
      const fitting = operations.filter((one) => one.method === method && pathPattern(one.path).test(path));
      return fitting.toSorted((a, b) => holes(a.path) - holes(b.path)).slice(0, 1);
    });
}

function holes(template: string): number {
  return template.split('{').length;
}

/** Matches the paths of a template and gives the values of its parameters by number. */
export function pathPattern(template: string): RegExp {
  const literal = template.split(/\{[^}]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('([^/]+)')}$`);
}

import { createHash } from 'node:crypto';
import { json } from '../answers.ts';

const DOCUMENTATION = 'https://docs.github.com/rest';

/** One entry of `errors` in a 422. */
export interface Problem {
  readonly resource: string;
  readonly field?: string;
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom';
  readonly message?: string;
  readonly value?: unknown;
}

/** An answer that is not a success, thrown from wherever it is found out. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly problems: readonly Problem[] | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, problems?: readonly Problem[], headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.problems = problems;
    this.headers = headers;
  }

  response(): Response {
    const { status, message, problems: errors } = this;
    return json(status, { message, errors, documentation_url: DOCUMENTATION, status: String(status) }, this.headers);
  }
}

export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

export function invalid(...problems: Problem[]): Refusal {
  return new Refusal(422, 'Validation Failed', problems);
}

export function unprocessable(message: string): Refusal {
  return new Refusal(422, message);
}

export function noContent(): Response {
  return new Response(null, { status: 204 });
}

/** Which part of a list is asked for: 30 entries unless told, 100 at most. */
export function pageOf(query: URLSearchParams): { page: number; size: number } {
  const number = (name: string, least: number, otherwise: number) => {
    const value = Number(query.get(name) ?? otherwise);
    return Number.isInteger(value) && value >= least ? value : otherwise;
  };
  return { page: number('page', 1, 1), size: Math.min(100, number('per_page', 1, 30)) };
}

/** One page of `items`, and the Link header that leads to the others. `url` is what was asked for, as clients see it. */
export function slice<T>(items: readonly T[], url: URL): { items: T[]; headers: Record<string, string> } {
  const { page, size } = pageOf(url.searchParams);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (to: number, rel: string) => {
    const there = new URL(url);
    there.searchParams.set('page', String(to));
    return `<${there}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ...(page > 1 ? [link(1, 'first')] : []),
  ];
  return {
    items: items.slice((page - 1) * size, page * size),
    headers: links.length === 0 ? {} : { link: links.join(', ') },
  };
}

/** 304 when the client has the same already: https://docs.github.com/rest/using-the-rest-api/best-practices */
export async function conditional(request: Request, response: Response): Promise<Response> {
  if (request.method !== 'GET' || response.status !== 200) return response;
  const body = await response.arrayBuffer();
  const etag = `W/"${createHash('sha256').update(Buffer.from(body)).digest('hex')}"`;
  const headers = new Headers(response.headers);
  headers.set('etag', etag);
  const known = request.headers.get('if-none-match')?.split(/,\s*/) ?? [];
  if (known.some((tag) => tag.replace(/^W\//, '') === etag.slice(2)))
    return new Response(null, { status: 304, headers });
  return new Response(body, { status: 200, headers });
}

import type { Database, Run } from '../database.ts';
import type { Caller } from '../gateway.ts';
import { isSqlError } from '../sql-error.ts';
import { callFunction } from './call.ts';
import { RestError, restErrorResponse, sqlErrorResponse } from './errors.ts';
import { readTable } from './read.ts';
import { writeTable } from './write.ts';

const reads = new Set(['GET', 'HEAD']);
const writes = new Set(['POST', 'PATCH', 'DELETE']);

/** Answers below `/rest/v1` as PostgREST does, in a transaction with the caller's role and claims. */
export async function restService(database: Database, caller: Caller, request: Request, url: URL): Promise<Response> {
  if (caller.kind === 'bad-token') return restErrorResponse(badToken(caller.expired));
  const { claims } = caller;
  const role = typeof claims.role === 'string' ? claims.role : 'anon';
  try {
    return await database.transaction('authenticator', async (run) => {
      await become(run, role, claims, request.method, url.pathname);
      return route(run, request, url);
    });
  } catch (error) {
    if (error instanceof RestError) return restErrorResponse(error);
    if (isSqlError(error)) return sqlErrorResponse(error, role === 'anon');
    throw error;
  }
}

async function become(run: Run, role: string, claims: unknown, method: string, path: string): Promise<void> {
  await run(
    `select set_config('search_path', 'public, extensions', true), set_config('role', $1, true),
       set_config('request.jwt.claims', $2, true), set_config('request.method', $3, true),
       set_config('request.path', $4, true)`,
    [role, JSON.stringify(claims), method, path],
  );
}

async function route(run: Run, request: Request, url: URL): Promise<Response> {
  const path = url.pathname.slice('/rest/v1'.length);
  const [, rpc, name = ''] = path.match(/^\/(rpc\/)?([^/]+)$/) ?? [];
  const { method } = request;
  const params = url.searchParams;
  if (name !== '' && rpc !== undefined && (method === 'POST' || reads.has(method))) {
    return callFunction(run, decoded(name), request, params);
  }
  if (name !== '' && reads.has(method)) return readTable(run, decoded(name), request, params);
  if (name !== '' && writes.has(method)) return writeTable(run, decoded(name), request, params);
  return Response.json({ message: `${method} ${url.pathname} is not emulated` }, { status: 501 });
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    throw new RestError(400, 'PGRST125', 'Invalid path specified in request URL', String(error));
  }
}

function badToken(expired: boolean): RestError {
  if (expired) return new RestError(401, 'PGRST303', 'JWT expired');
  const details = 'None of the keys was able to decode the JWT';
  return new RestError(401, 'PGRST301', 'No suitable key or wrong key type', details);
}

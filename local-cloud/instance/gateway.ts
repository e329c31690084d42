import type { InstanceKeys } from './instance.ts';
import { type Claims, type Verified, verifyJwt } from './jwt.ts';

/** Who calls, once the gateway has let them in. */
export type Caller =
  | { readonly kind: 'token'; readonly claims: Claims }
  | { readonly kind: 'bad-token'; readonly expired: boolean };

/** Pages that mail links open in a browser, which sends no key. */
const openPaths = [/^\/auth\/v1\/verify$/, /^\/auth\/v1\/\.well-known\//];

/**
 * The API gateway's part: a key is required, `Authorization` may carry a user's JWT beside it. Returns who calls, or
 * the gateway's own refusal. https://supabase.com/docs/guides/api/api-keys
 */
export async function admit(request: Request, keys: InstanceKeys, now: number): Promise<Caller | Response> {
  const url = new URL(request.url);
  const key = request.headers.get('apikey') ?? url.searchParams.get('apikey');
  if (key === null) return openPaths.some((path) => path.test(url.pathname)) ? as('anon') : refuse(noKey);
  const role = roleOfKey(key, keys);
  if (role === undefined) return refuse(invalidKey);
  if (key === keys.secret && looksLikeBrowser(request)) return refuse(secretInBrowser);
  const bearer = bearerOf(request);
  if (bearer === undefined) return as(isLegacy(key, keys) ? 'anon' : role);
  if (bearer === key) return as(role);
  return callerOf(await verifyJwt(bearer, keys.jwtSecret, now));
}

function callerOf(verified: Verified): Caller {
  return verified.ok ? { kind: 'token', claims: verified.claims } : { kind: 'bad-token', expired: verified.expired };
}

/** The gateway swaps an opaque key for a short-lived JWT that says nothing but the role. */
function as(role: string): Caller {
  return { kind: 'token', claims: { role } };
}

function roleOfKey(key: string, keys: InstanceKeys): string | undefined {
  if (key === keys.publishable || key === keys.anonJwt) return 'anon';
  return key === keys.secret || key === keys.serviceRoleJwt ? 'service_role' : undefined;
}

/** A legacy key is itself the JWT: alone in `apikey` it opens the gate, but grants no role. */
function isLegacy(key: string, keys: InstanceKeys): boolean {
  return key === keys.anonJwt || key === keys.serviceRoleJwt;
}

function bearerOf(request: Request): string | undefined {
  return request.headers.get('authorization')?.match(/^bearer\s+(\S+)$/i)?.[1];
}

function looksLikeBrowser(request: Request): boolean {
  return /mozilla|chrome|safari|firefox|edge/i.test(request.headers.get('user-agent') ?? '');
}

const noKey = {
  message: 'No API key found in request',
  hint: 'No `apikey` request header or url param was found.',
};
const invalidKey = {
  message: 'Invalid API key',
  hint: 'Double check your Supabase `anon` or `service_role` API key.',
};
const secretInBrowser = {
  message: 'Forbidden use of secret API key in browser',
  hint: 'Secret API keys can only be used in a protected environment and should be deleted immediately if exposed.',
};

function refuse(body: { message: string; hint: string }): Response {
  return Response.json(body, { status: 401 });
}

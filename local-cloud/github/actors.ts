import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { z } from 'zod';
import { ALPHANUMERIC } from '../chance.ts';
import { Refusal } from './answers.ts';
import type { Repository, Token } from './state.ts';
import { ACTIONS_LOGIN, APP_LOGIN, ownerOf, type World } from './world.ts';

/** Who asks. `app` and `actions` are bots: what they commit is signed, what GITHUB_TOKEN does starts no runs. */
export interface Actor {
  readonly login: string;
  readonly kind: Token['kind'];
  readonly repository: string | null;
  readonly permissions: Token['permissions'];
}

/** All that a GITHUB_TOKEN or an installation can be given here. */
export const ALL_PERMISSIONS: NonNullable<Token['permissions']> = {
  actions: 'write',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
};

export const APP_ID = 1_234_567;
export const CLIENT_ID = 'Iv23liLocalProvision';
export const INSTALLATION_ID = 7_654_321;

/** Somebody at the keyboard, for what is done without HTTP. */
export function person(login: string): Actor {
  if (login === ACTIONS_LOGIN) return { login, kind: 'actions', repository: null, permissions: ALL_PERMISSIONS };
  if (login === APP_LOGIN) return { login, kind: 'app', repository: null, permissions: ALL_PERMISSIONS };
  return { login, kind: 'person', repository: null, permissions: null };
}

/** undefined = nobody said who. Throws the 401 for what is no, or no longer a, token. */
export function authenticate(world: World, request: Request): Actor | undefined {
  const header = request.headers.get('authorization');
  if (header === null) return undefined;
  const credential = /^(?:bearer|token) (\S+)$/i.exec(header)?.[1];
  const known = world.state.tokens.find(({ token }) => token === credential);
  if (known === undefined) throw new Refusal(401, 'Bad credentials');
  if (known.expiresAt !== null && known.expiresAt <= world.context.clock.now())
    throw new Refusal(401, 'Bad credentials');
  return known;
}

/** Throws unless `actor` may do `need` (`contents:write`; alternatives parted by `|`) in a repository it can see. */
export function authorize(repository: Repository, actor: Actor | undefined, need: string): void {
  const wants = need.split('|').map((one) => one.split(':'));
  const writes = wants.every(([, level]) => level === 'write');
  if (actor === undefined) {
    if (repository.private) throw new Refusal(404, 'Not Found');
    if (writes) throw new Refusal(401, 'Requires authentication');
    return;
  }
  const scoped = actor.repository === null || actor.repository === repository.name;
  if (repository.private && !(scoped && (actor.kind !== 'person' || mayPush(repository, actor.login)))) {
    throw new Refusal(404, 'Not Found');
  }
  if (actor.kind === 'person') authorizePerson(repository, actor, wants, writes);
  else if (!isGranted(repository, actor, scoped, wants)) throw notAccessible(need);
}

/** Anybody who can see a repository may speak in it; changing it takes more, and checks are for apps. */
function authorizePerson(repository: Repository, actor: Actor, wants: readonly string[][], writes: boolean): void {
  if (!writes) return;
  if (wants.every(([name]) => name === 'checks')) throw new Refusal(403, 'You must authenticate via a GitHub App.');
  const speaks = wants.some(([name]) => name === 'issues' || name === 'pull_requests');
  if (!speaks && !mayPush(repository, actor.login)) throw new Refusal(403, 'Must have push access to repository.');
}

function isGranted(repository: Repository, actor: Actor, scoped: boolean, wants: readonly string[][]): boolean {
  return wants.some(([name = '', level]) => {
    if (level === 'read' && !repository.private) return true;
    const granted = actor.permissions?.[name];
    return scoped && (granted === 'write' || (granted === 'read' && level === 'read'));
  });
}

export function notAccessible(need: string): Refusal {
  const accepted = need.replaceAll(':', '=').replaceAll('|', '; ');
  return new Refusal(403, 'Resource not accessible by integration', undefined, {
    'x-accepted-github-permissions': accepted,
  });
}

export function mayPush(repository: Repository, login: string): boolean {
  return ownerOf(repository) === login || repository.collaborators.includes(login);
}

/** A token that nobody had before. */
export function issueToken(world: World, wish: Omit<Token, 'token'>): string {
  const text = world.context.chance.text('github.token', 36, ALPHANUMERIC);
  const token = `${wish.kind === 'person' ? 'ghp' : 'ghs'}_${text}`;
  world.state.tokens.push({ token, ...wish });
  return token;
}

/** The App's private key as PEM. Made when first asked for, then kept. */
export function appKey(world: World): string {
  if (world.state.appKey === null) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    world.state.appKey = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  return world.state.appKey;
}

const claims = z.object({ iss: z.union([z.string(), z.number()]), iat: z.number(), exp: z.number() });

/**
 * Lets pass who signed with the App's key, for ten minutes at most:
 * https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export function requireApp(world: World, request: Request): void {
  const token = /^bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const [head = '', body = '', signature = ''] = token?.split('.') ?? [];
  const key = createPublicKey(appKey(world));
  const isSigned = verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  if (!isSigned) throw new Refusal(401, 'A JSON web token could not be decoded');
  const { iss, iat, exp } = claims.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  // Signed with the client's own clock, which does not run as fast as the vendors'.
  const now = Math.floor(Date.now() / 1_000);
  if (![String(APP_ID), CLIENT_ID].includes(String(iss))) throw new Refusal(401, 'Integration not found');
  if (exp <= now || iat > now + 60)
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (exp - iat > 660) throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
}

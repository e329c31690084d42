import { ALL_PERMISSIONS, APP_ID, appKey, CLIENT_ID, INSTALLATION_ID, issueToken } from './actors.ts';
import { createForgeRepository, type Files, type ForgeRepository, seed } from './forge-repository.ts';
import type { ForgeEvent, Token } from './state.ts';
import { ACTIONS_LOGIN, APP_LOGIN, APP_SLUG, PREFIX, type World } from './world.ts';

export interface TokenWish {
  /** `actions`, `app`, or a person's login. */
  readonly as: string;
  /** `owner/name` of the only repository it may write to; all unless told. */
  readonly repository?: string;
  /** For `actions` and `app`; everything unless told. People's tokens may do what the person may. */
  readonly permissions?: Readonly<Record<string, 'read' | 'write'>>;
  /** Vendor milliseconds until it is refused; never unless told. */
  readonly lifetimeMs?: number;
}

export interface SeedOptions {
  /** Who makes the first commit; the owner unless told. */
  readonly by?: string;
  readonly private?: boolean;
  readonly defaultBranch?: string;
  /** Who may push besides the owner. */
  readonly collaborators?: readonly string[];
  /** Whether GITHUB_TOKEN may open pull requests; a new repository of GitHub's does not allow it. */
  readonly actionsMayOpenPulls?: boolean;
}

/** The forge without HTTP: what people do in it, and what happened. Everything else goes through its API. */
export interface LocalForge {
  /** For GITHUB_API_URL and octokit's `baseUrl`. */
  readonly apiUrl: string;
  /** For GITHUB_SERVER_URL; pages and `html_url`s are under it. */
  readonly serverUrl: string;
  /** For octokit's `request.fetch`: answers in process, without faults, limits and log of the cloud around it. */
  readonly fetch: typeof fetch;
  /** The workflow's own token, which may do everything. */
  readonly workflowToken: string;
  /** A token; the same wish gives a new one each time. */
  token(wish: TokenWish): string;
  /** What one configures a GitHub App's users with. */
  app(): { id: number; clientId: string; slug: string; login: string; installationId: number; privateKey: string };
  /** Makes a repository `owner/name` whose default branch holds `files`. */
  seed(name: string, files: Files, options?: SeedOptions): Promise<ForgeRepository>;
  /** Throws when there is none of that name. */
  repository(name: string): ForgeRepository;
  /** What happened after the event of that id, oldest first; everything when no id is given. */
  events(after?: number): readonly ForgeEvent[];
}

export function createForge(
  world: World,
  workflowToken: string,
  answer: (request: Request) => Promise<Response>,
): LocalForge {
  return {
    get apiUrl() {
      return world.base;
    },
    get serverUrl() {
      return world.base;
    },
    workflowToken,
    fetch: async (input, init) => answer(withoutPrefix(new Request(input, init))),
    token: (wish) => makeToken(world, wish),
    app: () => ({
      id: APP_ID,
      clientId: CLIENT_ID,
      slug: APP_SLUG,
      login: APP_LOGIN,
      installationId: INSTALLATION_ID,
      privateKey: appKey(world),
    }),
    seed: (name, files, options = {}) => world.exclusive(() => seed(world, name, files, options)),
    repository(name) {
      const found = world.find(name);
      if (found === undefined) throw new Error(`The local forge has no repository ${name}.`);
      return createForgeRepository(world, found);
    },
    events: (after = 0) => world.state.events.filter(({ id }) => id > after),
  };
}

function makeToken(world: World, { as, repository, permissions, lifetimeMs }: TokenWish): string {
  const kind: Token['kind'] = as === 'actions' || as === 'app' ? as : 'person';
  const logins = { actions: ACTIONS_LOGIN, app: APP_LOGIN, person: as };
  const login = logins[kind];
  world.account(login);
  return issueToken(world, {
    login,
    kind,
    repository: repository ?? null,
    permissions: kind === 'person' ? null : { ...(permissions ?? ALL_PERMISSIONS) },
    expiresAt: lifetimeMs === undefined ? null : world.context.clock.now() + lifetimeMs,
  });
}

function withoutPrefix(request: Request): Request {
  const url = new URL(request.url);
  if (url.pathname === PREFIX || url.pathname.startsWith(`${PREFIX}/`))
    url.pathname = url.pathname.slice(PREFIX.length);
  return new Request(url, request);
}

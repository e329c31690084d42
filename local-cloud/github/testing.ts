import { Octokit } from 'octokit';
import { onTestFinished } from 'vitest';
import { createChance } from '../chance.ts';
import type { CloudContext } from '../service.ts';
import { ManualClock, temporaryFolder } from '../testing.ts';
import { defaultRepositories } from '../vercel/options.ts';
import type { LocalForge, SeedOptions, TokenWish } from './forge.ts';
import type { Files, ForgeRepository } from './forge-repository.ts';
import { type GitHubOptions, type GitHubService, githubService } from './service.ts';

export const TOKEN = 'ghs_right';
export const CONTROL_ROOM = 'example/control-room';
export const [owner, repo] = ['example', 'control-room'];

export interface ForgeRig {
  readonly service: GitHubService;
  readonly forge: LocalForge;
  /** `example/control-room`, private; `ops` may push. */
  readonly room: ForgeRepository;
  readonly clock: ManualClock;
  readonly dir: string;
  /** The real octokit, in process. Without a wish it has the workflow's token. */
  octokit(wish?: TokenWish): Octokit;
  /** A bare call, for what octokit would not send. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface RigOptions extends SeedOptions {
  readonly files?: Files;
  readonly limits?: boolean;
}

export const seedFiles: Files = { 'fleet.yaml': 'kind: Fleet\n', 'agencies/acme.yaml': 'spec:\n  name: Acme\n' };

/** The forge alone, under a clock that stands still. */
export async function aForge(options: RigOptions = {}): Promise<ForgeRig> {
  const { files = seedFiles, limits = false, ...rest } = options;
  const dir = await temporaryFolder();
  const clock = new ManualClock();
  const service = openForge(dir, clock, { limits });
  const room = await service.forge.seed(CONTROL_ROOM, files, { collaborators: ['ops'], ...rest });
  return { ...rigOf(service), service, room, clock, dir };
}

export function openForge(dir: string, clock: ManualClock, options: Partial<GitHubOptions> = {}): GitHubService {
  const context: CloudContext = { dir, clock, chance: createChance('test'), origin: () => 'http://cloud.test' };
  const service = githubService(context, { token: TOKEN, repositories: defaultRepositories, ...options });
  onTestFinished(() => service.close());
  return service;
}

export function rigOf({ forge }: GitHubService): Pick<ForgeRig, 'forge' | 'octokit' | 'call'> {
  return {
    forge,
    octokit: (wish) => octokitFor(forge, wish === undefined ? TOKEN : forge.token(wish)),
    call: (method, path, body, headers = {}) =>
      forge.fetch(`${forge.apiUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
  };
}

export function octokitFor(forge: LocalForge, auth: string): Octokit {
  return new Octokit({ auth, ...octokitOptions(forge) });
}

/** In process, every answer shown as it came: nothing is repeated and nothing printed. */
export function octokitOptions(forge: LocalForge) {
  const nothing = (): void => undefined;
  return {
    baseUrl: forge.apiUrl,
    request: { fetch: forge.fetch },
    throttle: { enabled: false },
    retry: { enabled: false },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  };
}

/** What the vendor refused with. Rejects when it did not. */
export async function refusal(work: Promise<unknown>): Promise<{ status: number; message: string; errors: unknown }> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) throw new Error('It was not refused.');
  const { status, response } = Object(error);
  return { status, message: Object(response?.data).message ?? String(error), errors: Object(response?.data).errors };
}

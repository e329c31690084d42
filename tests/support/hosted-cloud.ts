import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Status } from '../../action/src/manifest/schema.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local-cloud/cloud.ts';
import type { ForgeRepository } from '../../local-cloud/github/forge-repository.ts';
import { octokitFor } from '../../local-cloud/github/testing.ts';
import { openInstance } from '../../local-cloud/instance/instance.ts';
import { createRunner, type Runner, type RunnerOptions } from '../../local-cloud/runner/runner.ts';
import { roomFiles } from '../../scripts/demo/room.ts';
import { type Agency, fleetText } from './agency-manifest.ts';
import { statusIn } from './hosted-room.ts';

export const NAME = 'example/agency-control-room';
export const DIST = join(import.meta.dirname, '..', '..', 'action', 'dist', 'index.js');

/** Which of the cloud's variables are credentials: what an environment of GitHub's would hold. */
const SECRETS = ['SUPABASE_ACCESS_TOKEN', 'VERCEL_TOKEN', 'RESEND_API_KEY', 'PROVISIONER_SECRET'];

export interface HostedOptions extends Partial<CloudOptions> {
  readonly fleet?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Secrets of the environment besides the vendors'. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly runner?: Partial<RunnerOptions>;
  /** Whether a GitHub App is set up to act for the provisioner. */
  readonly app?: boolean;
}

export interface HostedCloud {
  readonly cloud: Cloud;
  readonly room: ForgeRepository;
  readonly runner: Runner;
  /** Another one for the same repository, with other settings. */
  runnerWith(other: Partial<RunnerOptions>): Runner;
  readonly secrets: Readonly<Record<string, string>>;
  /** A pull request that adds or changes these; gives its number. */
  propose(title: string, files: Readonly<Record<string, string | null>>, branch?: string): Promise<number>;
  /** The number of the open pull request of a branch. */
  pullOf(branch: string): Promise<number>;
  status(agency: Agency): Promise<Status | undefined>;
  /** What stands under an issue or a pull request. */
  comments(number: number): Promise<readonly string[]>;
  state(): Promise<Record<'projects' | 'vercelProjects' | 'deployments' | 'mails', readonly object[]>>;
}

/** The local cloud on a port, a control room at its forge, and a runner that starts the committed action for it. */
export async function aHostedCloud(options: HostedOptions = {}): Promise<HostedCloud> {
  const { fleet = {}, files = {}, secrets: own = {}, vars = {}, runner: told = {}, app = false, ...more } = options;
  const dir = await mkdtemp(join(tmpdir(), 'hosted-'));
  const cloud = await startCloud({
    dir,
    port: 0,
    profile: 'none',
    seed: 'hosted',
    rateLimits: false,
    durable: false,
    speed: 50,
    openInstance: (wish) => openInstance({ ...wish, passwordCost: 4 }),
    ...more,
  });
  afterAll(async () => {
    await cloud.close();
    await rm(dir, { recursive: true, force: true });
  });
  const all = { ...cloud.environment(), GITHUB_SERVER_URL: cloud.forge.serverUrl };
  const [secrets, variables] = parted(all);
  const shared = { repository: NAME, secrets: [], ...fleet };
  const room = await cloud.forge.seed(NAME, { ...(await roomFiles(fleetText(all, shared))), ...files });
  const { clientId, privateKey } = cloud.forge.app();
  const held = { ...secrets, ...(app && { PROVISIONER_APP_PRIVATE_KEY: privateKey }), ...own };
  const common: RunnerOptions = {
    forge: cloud.forge,
    repository: NAME,
    script: DIST,
    variables,
    secrets: held,
    vars: { ...vars, ...(app && { PROVISIONER_APP_CLIENT_ID: clientId }) },
    ...told,
  };
  return {
    cloud,
    room,
    runner: createRunner(common),
    runnerWith: (other) => createRunner({ ...common, ...other }),
    secrets: held,
    propose: async (title, changes, branch = title.toLowerCase().replace(/\W+/g, '-')) => {
      await room.push(branch, changes);
      return room.openPullRequest({ head: branch, title });
    },
    pullOf: async (branch) => {
      const [owner = '', repo = ''] = NAME.split('/');
      const { rest } = octokitFor(cloud.forge, cloud.forge.workflowToken);
      const { data } = await rest.pulls.list({ owner, repo, head: `${owner}:${branch}` });
      const [pull] = data;
      if (!pull) throw new Error(`no pull request of ${branch} is open`);
      return pull.number;
    },
    status: ({ slug }) => statusIn(room, slug),
    comments: async (issue_number) => {
      const [owner = '', repo = ''] = NAME.split('/');
      const { rest } = octokitFor(cloud.forge, cloud.forge.workflowToken);
      return (await rest.issues.listComments({ owner, repo, issue_number })).data.map(({ body = '' }) => body);
    },
    state: async () => {
      const answer = await cloud.fetch(new Request(`${cloud.origin}/_cloud/state`));
      return (await answer.json()) as Awaited<ReturnType<HostedCloud['state']>>;
    },
  };
}

/** GITHUB_TOKEN is neither: each job gets one of its own. */
function parted(
  all: Readonly<Record<string, string>>,
): [secrets: Record<string, string>, rest: Record<string, string>] {
  const entries = Object.entries(all).filter(([name]) => name !== 'GITHUB_TOKEN');
  const isSecret = ([name]: [string, string]) => SECRETS.includes(name);
  return [
    Object.fromEntries(entries.filter(isSecret)),
    Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
  ];
}

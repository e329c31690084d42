import type { NewPull, Pulls } from '../../action/src/forge/forge.ts';
import { gitData } from '../../action/src/forge/git-data.ts';
import type { Repository } from '../../action/src/forge/github.ts';
import type { Status } from '../../action/src/manifest/schema.ts';
import { readStatus } from '../../action/src/manifest/status.ts';
import { commitRecorder } from '../../action/src/record/commits.ts';
import { headRoom } from '../../action/src/record/head.ts';
import { CONTROL_ROOM } from '../../local-cloud/github/testing.ts';
import { anAgency } from './agency-manifest.ts';
import { aControlForge, type ControlForge, type ControlForgeOptions } from './control-forge.ts';
import { statusIn } from './hosted-room.ts';

export const FLEET = 'apiVersion: provisioner/v1\nkind: Fleet\nspec: {}\n';

/** Files of a control room with these agencies in it. */
export function roomFiles(...slugs: readonly string[]): Record<string, string> {
  const agencies = slugs.map((slug) => [`agencies/${slug}.yaml`, anAgency(slug).text()]);
  return { 'fleet.yaml': FLEET, ...Object.fromEntries(agencies) };
}

/** The local forge with a control room in it, and processes that record into it. */
export async function aRecordRoom(options: ControlForgeOptions = {}) {
  const rig = await aControlForge({ files: roomFiles('acme', 'beta', 'gamma'), ...options });
  return {
    ...rig,
    /** The process whose requests `before` and `after` see. */
    first: await aProcess(rig, rig.repository),
    /** Another one, with nothing between. */
    second: (as?: ControlForgeOptions['as'], assertHeld?: () => Promise<void>) =>
      aProcess(rig, rig.another(as), assertHeld),
    statusOf: (slug: string, ref = 'main') => statusIn(rig.room, slug, ref),
  };
}

/** A run that has read the room and goes on to record. */
async function aProcess(
  rig: ControlForge,
  repository: Repository,
  assertHeld: () => Promise<void> = async () => undefined,
) {
  const git = gitData(repository);
  const room = headRoom({ git, branch: 'main' });
  const told: string[] = [];
  const proposed: NewPull[] = [];
  const recorder = commitRecorder({
    git,
    room,
    branch: 'main',
    pulls: pullsOf(rig, proposed),
    clock: rig.clock,
    assertHeld,
    tell: (message) => told.push(message),
    random: () => 0,
    runUrl: 'https://github.test/runs/1',
  });
  await room.read();
  return {
    git,
    room,
    recorder,
    told,
    proposed,
    save: (slug: string, status: Status) => recorder.save(`agencies/${slug}.yaml`, status),
    flush: () => recorder.flush(),
    /** What the next reader takes for recorded. */
    reads: async (slug: string) => {
      const { agencies } = await room.read();
      const file = `agencies/${slug}.yaml`;
      const reading = readStatus({ file, text: agencies.find((one) => one.file === file)?.text ?? '' });
      return reading.ok ? reading.status : undefined;
    },
  };
}

/** One open pull request for a pair of branches, as people would open it. */
function pullsOf({ octokit, room }: ControlForge, proposed: NewPull[]): Pick<Pulls, 'ensure'> {
  return {
    ensure: async (pull) => {
      proposed.push(pull);
      const [owner = '', repo = ''] = CONTROL_ROOM.split('/');
      const { rest } = octokit();
      const open = await rest.pulls.list({
        owner,
        repo,
        state: 'open',
        head: `${owner}:${pull.head}`,
        base: pull.base,
      });
      const number = open.data[0]?.number ?? (await room.openPullRequest(pull));
      const { data } = await rest.pulls.get({ owner, repo, pull_number: number });
      const { title, html_url: url, head, base } = data;
      return {
        opened: open.data.length === 0,
        pull: { number, url, title, body: data.body ?? '', author: '', state: 'open', merged: false, head, base },
      };
    },
  };
}

/** What status says while a run is under way, with this inventory. */
export function underWay(resources: Status['resources'] = {}): Status {
  const condition = (type: string, status: 'True' | 'Unknown') => ({
    type,
    status,
    reason: 'Provisioning',
    message: 'a run is under way',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  return {
    startedAt: '2026-01-01T00:00:00Z',
    conditions: [condition('Ready', 'Unknown'), condition('Notified', 'Unknown'), condition('Reconciling', 'True')],
    outputs: {},
    resources,
  };
}

/** What it says after a run that went well. */
export function settled(resources: Status['resources'] = {}): Status {
  const condition = (type: string) => ({
    type,
    status: 'True' as const,
    reason: 'Fine',
    message: 'fine',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  return { conditions: [condition('Ready'), condition('Notified')], outputs: {}, resources };
}

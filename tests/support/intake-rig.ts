import type { ControlPlane, OnboardingRequest, RequestProgress } from '../../action/src/control-plane/control-plane.ts';
import type { Event } from '../../action/src/engine/events.ts';
import { branchPulls } from '../../action/src/forge/branch-pulls.ts';
import { forgeOf } from '../../action/src/forge/connect.ts';
import type { Repository } from '../../action/src/forge/github.ts';
import { issueReader } from '../../action/src/forge/read-issue.ts';
import type { AgencyRequest } from '../../action/src/intake/request.ts';
import type { RunIntakePorts } from '../../action/src/intake/run-intake.ts';
import { freshUid } from '../../action/src/lib/uid.ts';
import { agencyText, fleetText } from '../../action/src/manifest/builders.ts';
import { aControlForge, type ControlForge, type ControlForgeOptions } from './control-forge.ts';

/** The company's database as a table in memory; whatever was told stands in `told`, in order. */
export interface Requests {
  readonly controlPlane: Pick<ControlPlane, 'request' | 'requests' | 'tell'>;
  readonly told: (RequestProgress & { readonly id: string })[];
  row(id: string): (OnboardingRequest & RequestProgress) | undefined;
}

/** A row without a name is of no use. */
export function requestTable(...rows: readonly OnboardingRequest[]): Requests {
  const table = new Map<string, OnboardingRequest & RequestProgress>(rows.map((row) => [row.id, row]));
  const told: (RequestProgress & { id: string })[] = [];
  return {
    told,
    row: (id) => table.get(id),
    controlPlane: {
      requests: async (states, useless) => {
        const found = [...table.values()].filter(({ state }) => states.includes(state));
        const nameless = found.filter(({ agencyName }) => agencyName === '');
        for (const { id } of nameless) useless?.({ id, message: `${id} has no agency_name`, remedy: 'Fill it.' });
        return found.filter((row) => !nameless.includes(row));
      },
      request: async (id) => table.get(id),
      tell: async (id, progress) => {
        told.push({ id, ...progress });
        const row = table.get(id);
        if (row) table.set(id, { ...row, ...progress, state: progress.state ?? row.state });
      },
    },
  };
}

export function aRow(id: string, changes: Partial<OnboardingRequest> = {}): OnboardingRequest {
  return {
    id,
    agencyName: 'Acme Studio',
    ownerEmail: 'owner@acme.example',
    ownerName: 'Acme Owner',
    state: 'approved',
    ...changes,
  };
}

export function aRequest(id = 'r1', changes: Partial<AgencyRequest> = {}): AgencyRequest {
  const { agencyName, ownerEmail, ownerName } = aRow(id);
  return { id, agencyName, ownerEmail, ownerName, source: { door: 'database' }, ...changes };
}

export interface IntakeRig extends ControlForge {
  readonly ports: RunIntakePorts;
  readonly events: Event[];
  /** What another process has in its hands: the same repository and database, with nothing between. */
  elsewhere(): RunIntakePorts;
  /** The manifests that only a branch has. */
  added(branch: string): Promise<string[]>;
  /** Head branches of the pull requests that there are, open or not. */
  pullBranches(): Promise<string[]>;
  onboardBranches(): Promise<string[]>;
  /** Says "Approved" on a new issue with that body, as its form would have made it. Gives the number. */
  anApprovedIssue(body: string, labels?: readonly string[]): Promise<number>;
  comments(issue: number): Promise<string[]>;
}

/** A control room with the agency `hello-world` on the local forge, and all that intake needs of it. */
export async function anIntakeRig(table = requestTable(), options: ControlForgeOptions = {}): Promise<IntakeRig> {
  const files = { 'fleet.yaml': fleetText, 'agencies/hello-world.yaml': agencyText('hello-world', 'hello123') };
  const rig = await aControlForge({ files, as: 'app', ...options });
  const events: Event[] = [];
  const octokit = rig.octokit();
  const where = { owner: 'example', repo: 'control-room' };
  const portsOf = (repository: Repository): RunIntakePorts => ({
    ...forgeOf(repository, ''),
    pullsOf: branchPulls(repository),
    issue: issueReader(repository),
    controlPlane: table.controlPlane,
    base: 'main',
    uid: freshUid,
    room: () => roomOf(rig),
    emit: (event) => void events.push(event),
  });
  return {
    ...rig,
    events,
    ports: portsOf(rig.repository),
    elsewhere: () => portsOf(rig.another('app')),
    added: async (branch) => {
      const main = new Set(await rig.room.files());
      return (await rig.room.files(branch)).filter((file) => !main.has(file));
    },
    pullBranches: async () => {
      const { data } = await octokit.rest.pulls.list({ ...where, state: 'all', per_page: 100 });
      return data.map(({ head }) => head.ref).sort();
    },
    onboardBranches: async () => (await rig.room.branches()).filter((branch) => branch !== 'main').sort(),
    anApprovedIssue: async (body, labels = ['agency-request', 'agency-approved']) => {
      const issue_number = await rig.room.openIssue({ title: 'Agency: Acme', body });
      if (labels.length > 0) await octokit.rest.issues.addLabels({ ...where, issue_number, labels: [...labels] });
      return issue_number;
    },
    comments: async (issue_number) => {
      const { data } = await octokit.rest.issues.listComments({ ...where, issue_number });
      return data.map(({ body = '' }) => body);
    },
  };
}

async function roomOf({ room }: ControlForge) {
  const commit = (await room.head()) ?? '';
  const files = (await room.files(commit)).filter((file) => file.startsWith('agencies/'));
  const agencies = await Promise.all(
    files.map(async (file) => ({ file, text: (await room.read(file, commit)) ?? '' })),
  );
  return { commit, agencies };
}

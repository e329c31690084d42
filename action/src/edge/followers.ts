import { randomUUID } from 'node:crypto';
import { classify, WaitingError } from '../engine/errors.ts';
import type { Environment, ForgeEnvironment } from '../environment.ts';
import { adminMail } from '../followers/admin-mail.ts';
import { controlPlaneFollower } from '../followers/control-plane.ts';
import { deploymentRecords, type Standing } from '../followers/deployment-records.ts';
import { type Failure, failureIssues, type Known } from '../followers/failure-issues.ts';
import { githubProgress } from '../followers/github-progress.ts';
import { isSettled, residentsOf } from '../followers/onboarding.ts';
import { createLimiter } from '../lib/limiter.ts';
import { uidIn } from '../manifest/inventory.ts';
import type { ControlRoom } from '../manifest/load.ts';
import type { Follower } from '../ports.ts';
import { createHttp } from '../providers/http.ts';
import { resendBudget, resendClient, resendVendor } from '../providers/resend/client.ts';
import type { Workflow } from '../workflow.ts';
import { controlPlaneOf } from './company.ts';
import type { Hosting } from './hosting.ts';
import type { Task } from './task.ts';

export interface Audience {
  readonly task: Task;
  readonly environment: ForgeEnvironment;
  /** Who sends the mails; nobody where it is not known. */
  readonly resend?: Environment['resend'];
  readonly hosted: Hosting;
  /** The control room as it was read last. */
  room(): ControlRoom | undefined;
}

/** Everybody who is told of an apply, in the order in which they hear of its end. */
export async function applyFollowers(audience: Audience): Promise<Follower[]> {
  const { workflow } = audience.task;
  return [...(workflow ? await onGitHub(audience, workflow) : []), ...(await companyOf(audience))];
}

async function onGitHub(audience: Audience, workflow: Workflow): Promise<Follower[]> {
  const { task, hosted } = audience;
  const { forge, clock } = hosted;
  const { emit } = task.here;
  const { url: runUrl, sha } = workflow;
  // Who looks on must not keep a run from beginning.
  const pull = await pullOf(workflow, hosted).catch((thrown: unknown) => {
    emit({ type: 'notice', message: `the pull request of this run was not found: ${classify(thrown).message}` });
    return undefined;
  });
  return [
    deploymentRecords({
      deployments: forge.deployments,
      emit,
      ref: sha,
      runUrl,
      ...(workflow.attempt > 1 && { earlier: () => knownIn(audience) }),
    }),
    failureIssues({
      issues: forge.issues,
      emit,
      runUrl,
      known: () => knownIn(audience),
      mail: (failure) => mailAdmins(failure, audience, runUrl),
    }),
    githubProgress({
      comments: forge.comments,
      checks: forge.checks,
      clock,
      emit,
      sha,
      runUrl,
      ...(pull !== undefined && { pull }),
    }),
  ];
}

/** The pull request that brought what the run was started for. */
async function pullOf({ event }: Workflow, { forge }: Hosting): Promise<number | undefined> {
  if (event.name !== 'push') return undefined;
  const brought = await forge.pulls.ofCommit(event.after);
  return brought.find(({ merged }) => merged)?.number;
}

function knownIn({ room }: Audience): (Known & Standing)[] {
  return (room()?.agencies ?? []).map(({ slug, text, manifest }) => {
    const uid = manifest?.metadata.uid ?? uidIn(text) ?? slug;
    const url = manifest?.status?.outputs.instanceUrl;
    return { slug, uid, url, isWell: isSettled(manifest?.status) };
  });
}

async function mailAdmins(failure: Failure, { resend: account, hosted, task, room }: Audience, runUrl: string) {
  const fleet = room()?.fleet;
  if (!fleet || !account) throw unknownAdmins();
  const { from, support, admins } = fleet.spec.mail;
  if (!admins) return;
  const { clock } = hosted;
  const { fetch } = task.here;
  const policy = { clock, ...(fetch && { fetch }) };
  const http = createHttp(resendVendor(account), policy, createLimiter(clock, resendBudget));
  await adminMail({ resend: resendClient(account, http), from, support, admins, runUrl })(failure);
}

function unknownAdmins(): WaitingError {
  return new WaitingError(
    'who they are stands in fleet.yaml, which the run could not use',
    'Mend what stopped the run; the next one mails them.',
  );
}

async function companyOf({ task, environment, hosted, room }: Audience): Promise<Follower[]> {
  const { clock } = hosted;
  const { emit, fetch } = task.here;
  const plane = await controlPlaneOf(environment, { clock, ...(fetch && { fetch }) });
  if (!plane) return [];
  const { runId = randomUUID() } = task.workflow ?? {};
  return [controlPlaneFollower({ plane, runId, room: async () => residentsOf(room()), clock, emit })];
}

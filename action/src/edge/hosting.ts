import { accessTo, type Here } from '../compose.ts';
import type { ForgeEnvironment } from '../environment.ts';
import { connectForge } from '../forge/connect.ts';
import type { Forge } from '../forge/forge.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type Hosted, hostedRoom } from '../record/hosted.ts';
import type { Workflow } from '../workflow.ts';

/** A control room in its repository. */
export interface Hosting {
  readonly forge: Forge;
  readonly room: Hosted;
  /** The branch that is applied, without `heads/`. */
  readonly branch: string;
  readonly clock: Clock;
}

export interface HostingOptions {
  readonly environment: ForgeEnvironment;
  /** The run of a workflow that this is part of. */
  readonly workflow: Workflow | undefined;
  /** Who asks for the lease, for people, where it is no workflow. */
  readonly owner?: string;
  /** How long to wait for another run, in milliseconds; not at all unless told. */
  readonly waitMs?: number;
}

/**
 * Opens the repository. Its requests go on after the run is stopped: what was done is still to be recorded and told.
 * Where an App is set up it commits and opens pull requests, because rules let it pass and workflows start from what it
 * does; the job's own token talks, because a check can be changed only by who made it.
 */
export async function hosting(here: Here, options: HostingOptions): Promise<Hosting> {
  const { environment, workflow, owner = `a command line in ${environment.repository}`, waitMs } = options;
  const { dir, signal, emit, fetch, deadlineMs } = here;
  const { github, repository, timeScale } = environment;
  const clock = here.clock ?? systemClock(timeScale);
  const policy = { clock, ...(fetch && { fetch }), ...(deadlineMs !== undefined && { deadlineMs }) };
  const acting = connectForge(accessTo(environment), repository, github.serverUrl, policy);
  const { token, app, apiUrl } = github;
  const talking = token && app ? connectForge({ token, apiUrl }, repository, github.serverUrl, policy) : acting;
  const { git, pulls } = acting;
  const branch = await git.defaultBranch();
  const room = hostedRoom({
    git,
    pulls,
    branch,
    repository,
    dir,
    claimant: {
      owner: workflow ? `run ${workflow.runId}` : owner,
      ...(workflow && { run: { id: workflow.runId, attempt: workflow.attempt }, url: workflow.url }),
    },
    ...(waitMs !== undefined && { waitMs }),
    // A clock that is moved by hand does not wait, and renews without end.
    ...(here.clock && { beats: false }),
    signal,
    clock,
    emit,
  });
  return { forge: { ...talking, git, pulls }, room, branch, clock };
}

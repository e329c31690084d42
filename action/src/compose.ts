import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { InternalError } from './engine/errors.ts';
import type { Emit } from './engine/events.ts';
import type { Environment, Surroundings } from './environment.ts';
import type { GitHubAccess } from './forge/github.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { keyring } from './lib/keyring.ts';
import type { Fleet } from './manifest/schema.ts';
import type { Place, RunPorts } from './ports.ts';
import { acquireFileLease } from './record/file-lease.ts';
import { assertIsRoom, headRevision, readRoom } from './record/room.ts';
import { treeRecorder } from './record/tree.ts';

/** What every composition is told. */
export interface Here {
  /** The folder of the control room. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /** The git revision that the folder is judged against, when a change is looked at. */
  readonly base?: string;
  /** In the place of the machine's own; for tests. */
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
  /** For one request, in real milliseconds. */
  readonly deadlineMs?: number;
}

/**
 * Longer than the longest wait between two acts (30 minutes for a build), because the lease is renewed only before an
 * act. A run that died is told from one that waits by its process, so nobody has to wait this long for it.
 */
const LEASE_MS = 60 * 60_000;

/** The outside of a run, with the vendors behind it. Loads their SDKs only once they are asked for. */
export async function composeRun(here: Here, environment: Environment, place?: Place): Promise<RunPorts> {
  const { signal, emit } = here;
  // Every request under way listens to it, and a fleet has hundreds of them.
  setMaxListeners(Number.POSITIVE_INFINITY, signal);
  const clock = here.clock ?? systemClock(environment.timeScale);
  const { fetch, deadlineMs } = here;
  const policy = { clock, signal, ...(fetch && { fetch }), ...(deadlineMs !== undefined && { deadlineMs }) };
  return {
    ...(place ?? (await folder(here, environment, clock))),
    kinds: async (fleet) => {
      const [{ connect }, { createKinds }] = await Promise.all([
        import('./providers/connect.ts'),
        import('./providers/index.ts'),
      ]);
      return createKinds(connect(access(environment, fleet, policy)));
    },
    keyring: () => keyring(environment.provisionerSecret, environment.previousSecret),
    secret: (name) => (name.startsWith('AGENCY_') ? environment.agencySecret(name) : undefined),
    revisions: async (refs) => {
      const { githubRevisions } = await import('./forge/revisions.ts');
      return githubRevisions(accessTo(environment), policy)(refs);
    },
    clock,
    signal,
    emit,
  };
}

async function folder({ dir, base }: Here, { repository }: Surroundings, clock: Clock): Promise<Place> {
  const revision = await headRevision(dir);
  return {
    load: () => readRoom(dir, repository, base),
    lease: async () => {
      await assertIsRoom(dir);
      return acquireFileLease({ dir: join(dir, '.provisioner', 'lease'), clock, forMs: LEASE_MS });
    },
    recorder: treeRecorder(dir),
    revision: () => revision,
  };
}

/** The outside of a validation: the folder and nothing else. */
export function composeValidation(here: Here, { repository }: Surroundings): RunPorts {
  const { dir, signal, emit, clock = systemClock() } = here;
  const closed = (): never => {
    throw new InternalError('a validation reaches for a vendor', 'Mend run.ts.');
  };
  return {
    load: () => readRoom(dir, repository, here.base),
    lease: closed,
    kinds: closed,
    keyring: closed,
    secret: closed,
    revisions: closed,
    recorder: { save: closed, flush: async () => undefined },
    revision: () => undefined,
    clock,
    signal,
    emit,
  };
}

/** An App signs in where it is installed; without a repository to say where, the token does. */
export function accessTo({ github, repository }: Pick<Environment, 'github' | 'repository'>): GitHubAccess {
  const { app, token, apiUrl } = github;
  return {
    ...(token && { token }),
    ...(app && repository !== undefined && { app: { ...app, repository } }),
    apiUrl,
  };
}

function access(
  { supabase, vercel, resend, instanceUrl, organization, team }: Environment,
  { spec }: Fleet,
  policy: { readonly clock: Clock; readonly signal: AbortSignal },
) {
  return {
    ...policy,
    supabase: { ...supabase, organization: organization ?? spec.supabase.organization },
    vercel: { ...vercel, team: team ?? spec.vercel.team },
    resend,
    instanceUrl,
  };
}

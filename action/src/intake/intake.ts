import { BlockedError, ManifestError } from '../engine/errors.ts';
import type { ListedPull } from '../forge/branch-pulls.ts';
import { ensureBranch, slugOf, slugOn } from './branch.ts';
import { requestIdIn } from './manifest.ts';
import type { IntakePorts, Room } from './ports.ts';
import { type AgencyRequest, branchOf, type Refusal, sentenceOf } from './request.ts';
import { bodyOf, ISSUE_MARKER, openedText, refusedText, titleOf } from './texts.ts';

/** What became of a request. */
export type Intake =
  | { readonly state: 'opened' | 'open'; readonly slug: string; readonly pull: ListedPull }
  | { readonly state: 'merged'; readonly slug?: string; readonly pull?: ListedPull }
  /** A person closed its pull request without merging it. */
  | { readonly state: 'declined'; readonly pull: ListedPull };

/**
 * Makes an approved request a pull request that adds its manifest. One branch and one pull request come of it however
 * often and however many at a time it is called: the branch is created atomically, and whoever finds it goes on with
 * what stands there. Whoever waits for the request is told: its row, or its issue. Throws ManifestError for a request
 * that no manifest can hold, before anything is made.
 */
export async function intake(request: AgencyRequest, room: Room, ports: IntakePorts): Promise<Intake> {
  const result = await settle(request, room, ports);
  await tell(request, result, ports);
  return result;
}

async function settle(request: AgencyRequest, room: Room, ports: IntakePorts): Promise<Intake> {
  const { id } = request;
  const pulls = await ports.pullsOf(branchOf(id));
  const there = room.agencies.find((source) => requestIdIn(source) === id);
  const merged = pulls.find((pull) => pull.merged);
  if (there ?? merged) {
    const slug = there && slugOf(there.file);
    return { state: 'merged', ...(slug !== undefined && { slug }), ...(merged && { pull: merged }) };
  }
  const open = pulls.find(({ state }) => state === 'open');
  if (open) return { state: 'open', slug: await slugOn(open.head.sha, id, room, ports), pull: open };
  const [closed] = pulls;
  if (closed) return { state: 'declined', pull: closed };
  const slug = await ensureBranch(request, room, ports);
  const { pull, opened } = await ports.pulls.ensure({
    head: branchOf(id),
    base: ports.base,
    title: titleOf(slug),
    body: bodyOf(request, slug),
  });
  return { state: opened ? 'opened' : 'open', slug, pull };
}

async function tell(request: AgencyRequest, result: Intake, ports: IntakePorts): Promise<void> {
  const { id, source, pullRequestUrl } = request;
  if (result.state === 'declined') return refuse({ id, source, error: declined(result.pull) }, ports);
  const { pull, slug } = result;
  if (source.door === 'issue') {
    if (pull) await ports.comments.ensure(source.number, ISSUE_MARKER, openedText(pull));
    return;
  }
  if (pull !== undefined && pullRequestUrl === pull.url) return;
  await ports.controlPlane?.tell(id, {
    ...(slug !== undefined && { slug }),
    ...(pull && { pullRequestUrl: pull.url }),
    // Once it is merged, what stands there is the word of whoever provisions it.
    ...(result.state !== 'merged' && { errorMessage: null }),
  });
}

/** Tells whoever waits for a request that nothing comes of it as it is. */
export async function refuse({ id, source, error }: Refusal, ports: IntakePorts): Promise<void> {
  if (source.door === 'issue') {
    await ports.comments.ensure(source.number, ISSUE_MARKER, refusedText(error));
  } else if (source.door !== 'command line') {
    // Whoever typed it reads it, and may have mistyped what the row says well.
    await ports.controlPlane?.tell(id, { state: 'failed', errorMessage: sentenceOf(error) });
  }
}

/** Whether people have to mend the request: everything else passes, or is ours to mend. */
export function isUnacceptable(thrown: unknown): thrown is ManifestError {
  return thrown instanceof ManifestError;
}

export function declined({ url }: Pick<ListedPull, 'url'>): BlockedError {
  return new BlockedError(
    `declined: the pull request ${url} was closed without being merged`,
    'Reopen that pull request to go on with it, or make a new request.',
  );
}

import { ManifestError } from '../engine/errors.ts';
import type { Permit } from '../engine/policy.ts';
import type { GitData } from '../forge/forge.ts';
import type { RoomInput } from '../manifest/load.ts';
import { hasStatus } from '../providers/failure.ts';
import type { HeadRoom } from '../record/head.ts';
import { type ReviewPorts, refusedIn, reviewedPermits } from '../review.ts';
import type { Workflow } from '../workflow.ts';

type Reviewed = ReadonlyMap<string, ReadonlySet<Permit>>;

const NOTHING: Reviewed = new Map();
const NO_COMMIT = '0'.repeat(40);

/**
 * What was agreed to by the merge that a run was started by: what the change from the commit that it was merged onto to
 * the branch as it is now shows. The branch may have gone on: whatever came onto it meanwhile was merged by the same
 * rules, and its own run finds nothing left to do. A run that no merge started, or whose branch was rewritten by or since
 * its push, agrees to nothing; nor is anything agreed to that the rules about changes refuse. To be asked after the room
 * was read.
 */
export async function reviewedBy(
  workflow: Workflow | undefined,
  { room, git }: { readonly room: HeadRoom; readonly git: Pick<GitData, 'isBehind'> },
  ports: ReviewPorts,
): Promise<Reviewed> {
  const event = workflow?.event;
  if (event?.name !== 'push' || event.forced || event.before === NO_COMMIT) return NOTHING;
  const head = room.commit ?? event.after;
  try {
    // Somebody may have rewritten the branch since: its own push agrees to nothing, and so must those before it.
    if (!(await git.isBehind(event.after, head))) return NOTHING;
    const [before, merged, after] = await Promise.all([
      roomBefore(room, event.before, 'recorded'),
      roomBefore(room, event.after, 'recorded'),
      room.at(head, 'recorded'),
    ]);
    if (!merged) return NOTHING;
    const refused = new Set(refusedIn({ before, after: merged }));
    const all = [...(await reviewedPermits({ before, after }, ports))].filter(([slug]) => !refused.has(slug));
    // What came later and is refused by itself may not ride along: of that agency, what this merge showed already.
    const doubtful = new Set(refusedIn({ before: merged, after }));
    if (!all.some(([slug]) => doubtful.has(slug))) return new Map(all);
    const own = await reviewedPermits({ before, after: merged }, ports);
    return new Map(all.map(([slug, permits]) => [slug, doubtful.has(slug) ? both(permits, own.get(slug)) : permits]));
  } catch (thrown) {
    // A commit that GitHub no longer has can be compared with nothing: what is safe goes on all the same.
    if (hasStatus(thrown, 404, 422)) return NOTHING;
    throw thrown;
  }
}

function both(permits: ReadonlySet<Permit>, others: ReadonlySet<Permit> = new Set()): ReadonlySet<Permit> {
  return new Set([...permits].filter((permit) => others.has(permit)));
}

/** The room that a change is judged against; `undefined` where it is the change that makes the room. */
export async function roomBefore(
  room: HeadRoom,
  commit: string,
  recorded?: 'recorded',
): Promise<RoomInput | undefined> {
  try {
    return await room.at(commit, recorded);
  } catch (thrown) {
    if (thrown instanceof ManifestError) return undefined;
    throw thrown;
  }
}

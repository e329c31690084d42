import { ManifestError } from '../engine/errors.ts';
import type { Permit } from '../engine/policy.ts';
import type { RoomInput } from '../manifest/load.ts';
import { hasStatus } from '../providers/failure.ts';
import type { HeadRoom } from '../record/head.ts';
import { type ReviewPorts, reviewedPermits } from '../review.ts';
import type { Workflow } from '../workflow.ts';

type Reviewed = ReadonlyMap<string, ReadonlySet<Permit>>;

const NOTHING: Reviewed = new Map();
const NO_COMMIT = '0'.repeat(40);

/**
 * What was agreed to by the merge that a run was started by: what the change from the commit that it was merged onto to
 * the branch as it is now shows. The branch may have gone on: whatever came onto it meanwhile was merged by the same
 * rules, and its own run finds nothing left to do. A run that no merge started, or that a rewritten branch did, agrees to
 * nothing. To be asked after the room was read.
 */
export async function reviewedBy(
  workflow: Workflow | undefined,
  room: HeadRoom,
  ports: ReviewPorts,
): Promise<Reviewed> {
  const event = workflow?.event;
  if (event?.name !== 'push' || event.forced || event.before === NO_COMMIT) return NOTHING;
  try {
    const [before, after] = await Promise.all([
      roomBefore(room, event.before),
      room.at(room.commit ?? event.after, 'recorded'),
    ]);
    return await reviewedPermits({ before, after }, ports);
  } catch (thrown) {
    // A commit that GitHub no longer has can be compared with nothing: what is safe goes on all the same.
    if (hasStatus(thrown, 404, 422)) return NOTHING;
    throw thrown;
  }
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

import { ManifestError, WaitingError } from '../engine/errors.ts';
import type { PullRequest } from '../forge/forge.ts';
import type { Hosting } from './hosting.ts';
import type { Task } from './task.ts';

/** GitHub finds out within seconds whether a pull request can be merged, once it is asked. */
const [LOOKS, APART_MS] = [12, 3_000];

export async function pullOf({ inputs: { pull } }: Task, { forge }: Hosting): Promise<PullRequest | undefined> {
  if (typeof pull === 'number') return forge.pulls.read(pull);
  const open = await forge.pulls.open();
  const found = open.find(({ head }) => head.sha === pull?.head);
  return found && forge.pulls.read(found.number);
}

export async function settled(pull: PullRequest, { forge, clock }: Hosting, { here }: Task): Promise<PullRequest> {
  let seen = pull;
  for (let look = 1; seen.mergeable === undefined && seen.state === 'open'; look += 1) {
    if (look > LOOKS) {
      throw new WaitingError(
        `GitHub does not say whether pull request #${pull.number} can be merged`,
        'Run it again in a minute.',
      );
    }
    await clock.sleep(APART_MS, here.signal);
    seen = await forge.pulls.read(pull.number);
  }
  if (seen.state === 'open') return seen;
  throw new ManifestError(`pull request #${pull.number} is closed`, 'What was merged is planned and applied by apply.');
}

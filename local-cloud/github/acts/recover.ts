import { readRef } from '../git/refs.ts';
import { isPull } from '../state.ts';
import type { World } from '../world.ts';
import { takeHead } from './pushed.ts';

/**
 * Branches live on disk, everything else in the saved state: a process that was killed between the two leaves pull
 * requests behind their branches. They catch up here, without an event.
 */
export async function recoverHeads(world: World): Promise<void> {
  for (const repository of world.state.repositories) {
    for (const issue of repository.issues.filter(isPull).filter(({ state }) => state === 'open')) {
      const { headRepository, headRef, headSha } = issue.pull;
      const head = await readRef(world.git({ name: headRepository }), `refs/heads/${headRef}`);
      if (head !== undefined && head.sha !== headSha) await takeHead(world, repository, issue, head.sha);
    }
  }
}

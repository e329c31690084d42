import { loadControlRoom } from '../../action/src/manifest/load.ts';
import { renderProblem } from '../../action/src/manifest/problem.ts';
import { resolveTarget, type Target } from '../../action/src/manifest/target.ts';
import { readRoom } from '../../action/src/record/room.ts';
import { commitOf } from '../../local-cloud/vercel/options.ts';

/** What is wished of every agency of a room, with the commits that the local cloud knows. Throws for a bad room. */
export async function targetsOf(dir: string): Promise<Target[]> {
  const { fleet, agencies, migrations, problems } = loadControlRoom(await readRoom(dir));
  if (!fleet || problems.length > 0) throw new Error(problems.slice(0, 3).map(renderProblem).join('\n'));
  const { repository, ref } = fleet.spec.app;
  const revisions = new Map([[`${repository}@${ref}`, commitOf(repository, ref)]]);
  return agencies.flatMap(({ manifest }) =>
    manifest ? [resolveTarget({ fleet, manifest, migrations, revisions })] : [],
  );
}

import type { Repository } from '../state.ts';
import type { World } from '../world.ts';

/** A second bare repository of somebody else's with all branches. The one that is there already, if there is. */
export async function forkRepository(
  world: World,
  parent: Repository,
  owner: string,
  name = parent.name.split('/')[1],
): Promise<Repository> {
  const there = world.find(`${owner}/${name}`);
  if (there?.parent === parent.name) return there;
  const fork = await world.create(`${owner}/${name}`, {
    parent: parent.name,
    private: parent.private,
    defaultBranch: parent.defaultBranch,
  });
  const git = world.git(fork);
  await git.run([
    'fetch',
    '--quiet',
    world.directory(parent.name),
    '+refs/heads/*:refs/heads/*',
    '+refs/tags/*:refs/tags/*',
  ]);
  return fork;
}

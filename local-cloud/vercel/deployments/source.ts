import { badRequest } from '../answers.ts';
import { type Repository, repositoryId } from '../options.ts';
import type { Deployment } from '../state.ts';
import type { World } from '../world.ts';
import type { GitSourceWish } from './schema.ts';

/** Said for an unknown ref and for a repository that Vercel's GitHub App cannot see (saleor/cli#246). */
const unseen =
  'The provided GitHub repository does not contain the requested branch or commit reference. ' +
  'Please ensure the repository is not empty.';

function repositoryOf(world: World, wish: GitSourceWish): [string, Repository] {
  const found = Object.entries(world.repositories).find(([name, repository]) =>
    'repoId' in wish
      ? String(repositoryId(name, repository)) === String(wish.repoId)
      : name.toLowerCase() === `${wish.org}/${wish.repo}`.toLowerCase(),
  );
  if (found === undefined) throw badRequest(unseen, 'incorrect_git_source_info');
  return found;
}

function commit(repository: Repository, { ref, sha }: GitSourceWish): string {
  const known = Object.values(repository.refs);
  const named = Object.hasOwn(repository.refs, ref) ? repository.refs[ref] : known.find((commit) => commit === ref);
  const found = sha === undefined ? named : known.find((commit) => commit === sha);
  if (named === undefined || found === undefined) throw badRequest(unseen, 'incorrect_git_source_info');
  return found;
}

/**
 * The commit that a deployment is made of.
 * @throws Refusal 400 for a repository or ref that Vercel cannot see
 */
export function resolve(world: World, wish: GitSourceWish): Deployment['source'] {
  const [repository, about] = repositoryOf(world, wish);
  const by = 'repoId' in wish ? 'repoId' : 'name';
  return { repository, repoId: repositoryId(repository, about), by, ref: wish.ref, sha: commit(about, wish) };
}

/** How the build of a commit ends. */
export function outcomeOf(world: World, { repository, sha }: Deployment['source']): Deployment['outcome'] {
  const { brokenShas, blockedShas, aliasErrorShas } = world.repositories[repository] ?? { refs: {} };
  if (brokenShas?.includes(sha)) return 'error';
  if (blockedShas?.includes(sha)) return 'blocked';
  return aliasErrorShas?.includes(sha) ? 'alias-error' : 'ready';
}

import type { HttpPolicy } from '../providers/http.ts';
import { checks } from './checks.ts';
import { comments } from './comments.ts';
import { deployments } from './deployments.ts';
import type { Forge } from './forge.ts';
import { gitData } from './git-data.ts';
import { createGitHub, type GitHubAccess, repositoryOf } from './github.ts';
import { issues } from './issues.ts';
import { pulls } from './pulls.ts';

/** A repository of GitHub; opens no connection until the first call. `serverUrl` has no slash at its end. */
export function connectForge(access: GitHubAccess, name: string, serverUrl: string, policy: HttpPolicy): Forge {
  return forgeOf(repositoryOf(createGitHub(access, policy), name), serverUrl);
}

export function forgeOf(repository: Parameters<typeof gitData>[0], serverUrl: string): Forge {
  return {
    repository: repository.name,
    url: `${serverUrl}/${repository.name}`,
    git: gitData(repository),
    pulls: pulls(repository),
    comments: comments(repository),
    checks: checks(repository),
    issues: issues(repository),
    deployments: deployments(repository),
  };
}

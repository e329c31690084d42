import { settle, stateOf } from './deployments/progress.ts';
import { current } from './deployments/serving.ts';
import type { Deployment, Project } from './state.ts';
import type { World } from './world.ts';

/** What answers on a host. */
export type SiteLookup =
  | { kind: 'missing' }
  | { kind: 'paused'; projectId: string }
  | { kind: 'protected'; projectId: string; deploymentId: string }
  | {
      kind: 'live';
      projectId: string;
      deploymentId: string;
      /** As it was when the deployment was created. */
      env: Readonly<Record<string, string>>;
      commit: string;
      ref: string;
      meta: Readonly<Record<string, string>>;
    };

/** For the landing page and `/_cloud/state`; `url` is empty while nothing answers there. */
export interface VercelOverview {
  projects: { id: string; name: string; url: string }[];
  deployments: { id: string; project: string; readyState: string; url: string }[];
}

type HostKind = 'custom' | 'production' | 'deployment';

/** Whether Vercel's login stands before a host: https://vercel.com/docs/deployment-protection */
function guarded({ sso }: Project, kind: HostKind, target: Deployment['target']): boolean {
  if (sso === null) return false;
  if (sso === 'all') return true;
  if (sso === 'preview') return target !== 'production';
  return sso === 'all_except_custom_domains' ? kind !== 'custom' : kind === 'deployment' || target !== 'production';
}

function answer(project: Project, deployment: Deployment | undefined, kind: HostKind): SiteLookup {
  const projectId = project.id;
  if (project.paused) return { kind: 'paused', projectId };
  if (deployment === undefined) return { kind: 'missing' };
  const { id: deploymentId, env, source, meta } = deployment;
  if (guarded(project, kind, deployment.target)) return { kind: 'protected', projectId, deploymentId };
  return { kind: 'live', projectId, deploymentId, env, commit: source.sha, ref: source.ref, meta };
}

/** Finds what a visitor of a host meets now. */
export function siteAt(world: World, host: string): SiteLookup {
  const { projects, deployments } = world.state;
  const one = deployments.find((deployment) => deployment.host === host);
  const owner = projects.find(
    (project) =>
      project.id === one?.projectId ||
      project.host === host ||
      project.domains.some((domain) => domain.name === host && domain.verified),
  );
  if (owner === undefined) return { kind: 'missing' };
  if (one === undefined) return answer(owner, current(world, owner), owner.host === host ? 'production' : 'custom');
  settle(world, one);
  return answer(owner, stateOf(world, one) === 'READY' ? one : undefined, 'deployment');
}

/** Every project and deployment as it stands, without counting as a look. */
export function overviewOf(world: World): VercelOverview {
  const url = (host: string): string => `${world.context.origin()}/sites/${host}`;
  const { projects, deployments } = world.state;
  return {
    projects: projects.map((project) => {
      const serves = current(world, project) !== undefined;
      return { id: project.id, name: project.name, url: serves ? url(project.host) : '' };
    }),
    deployments: deployments.map((deployment) => {
      settle(world, deployment);
      const { id, projectId: project, host } = deployment;
      return { id, project, readyState: stateOf(world, deployment), url: url(host) };
    }),
  };
}

import { current } from '../deployments/serving.ts';
import { publicView } from '../deployments/shape.ts';
import type { Project } from '../state.ts';
import type { World } from '../world.ts';

const resources = {
  fluid: true,
  functionDefaultRegions: ['iad1'],
  functionDefaultTimeout: 300,
  functionDefaultMemoryType: 'standard',
};

/** A project as create, get, update and list show it. Variables have their own route and are not in it. */
export function projectView(world: World, project: Project): Record<string, unknown> {
  const { buildCommand = null, devCommand = null, installCommand = null, ...settings } = project.settings;
  return {
    accountId: project.accountId,
    id: project.id,
    name: project.name,
    createdAt: project.createdAt,
    updatedAt: project.updatedAt,
    buildCommand,
    devCommand,
    installCommand,
    framework: null,
    outputDirectory: null,
    rootDirectory: null,
    publicSource: null,
    nodeVersion: '24.x',
    directoryListing: false,
    live: false,
    autoExposeSystemEnvs: true,
    autoAssignCustomDomains: project.autoAssign,
    gitForkProtection: true,
    gitLFS: false,
    sourceFilesOutsideRootDirectory: true,
    deploymentExpiration: { expirationDays: 30, deploymentsToKeep: 10 },
    ...settings,
    resourceConfig: { ...resources, ...asObject(settings.resourceConfig) },
    defaultResourceConfig: resources,
    ssoProtection: project.sso === null ? null : { deploymentType: project.sso },
    ...(project.paused && { paused: true }),
    ...deployed(world, project),
  };
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function deployed(world: World, project: Project): Record<string, unknown> {
  const own = world.state.deployments.filter((deployment) => deployment.projectId === project.id);
  const serving = current(world, project);
  const latest = own.toSorted((a, b) => b.createdAt - a.createdAt).slice(0, 10);
  return {
    alias: [{ configuredBy: 'A', configuredChangedAt: project.createdAt, domain: project.host, target: 'PRODUCTION' }],
    latestDeployments: latest.map((deployment) => publicView(world, deployment)),
    targets: serving === undefined ? {} : { production: publicView(world, serving) },
  };
}

import * as z from 'zod';
import type { Found } from '../../engine/kind.ts';
import { conflict, hasStatus } from '../failure.ts';
import type { Vercel } from './client.ts';
import { MARK, readVariables, writeVariables } from './variables.ts';

export interface ProjectWish {
  readonly name: string;
  /** The agency's uid, which the mark holds. */
  readonly uid: string;
  readonly framework?: string;
  readonly rootDirectory?: string;
  /** Whether its visitors are turned away; not, unless told. */
  readonly paused?: boolean;
}

export interface VercelProjectActual {
  readonly name: string;
  /** What the mark says; `undefined` without one. */
  readonly owner: string | undefined;
  readonly framework: string | undefined;
  readonly rootDirectory: string | undefined;
  /** Which hosts Vercel's own login guards; `undefined` when none. */
  readonly protection: string | undefined;
  /** `undefined` where Vercel does not show it. */
  readonly previewsDisabled: boolean | undefined;
  readonly paused: boolean;
}

export type FoundProject = Found<VercelProjectActual>;

const shape = z.object({
  id: z.string(),
  name: z.string(),
  framework: z.string().nullish(),
  rootDirectory: z.string().nullish(),
  ssoProtection: z.object({ deploymentType: z.string() }).nullish(),
  previewDeploymentsDisabled: z.boolean().nullish(),
  paused: z.boolean().nullish(),
});

/**
 * A project with its mark, `undefined` when there is none of that id or name in the team.
 * https://vercel.com/docs/rest-api/projects/find-a-project-by-id-or-name
 */
export async function readProject(vercel: Vercel, idOrName: string): Promise<FoundProject | undefined> {
  const project = await vercel.request({
    operation: 'read project',
    method: 'GET',
    path: `/v9/projects/${encodeURIComponent(idOrName)}`,
    schema: shape,
    scope: 'project:read',
    absentOn: [404],
  });
  if (!project) return undefined;
  const variables = await readVariables(vercel, project.id);
  const mark = variables?.find(({ key, type }) => key === MARK && type === 'plain');
  return variables && { id: project.id, actual: actualOf(project, mark?.value) };
}

function actualOf(project: z.output<typeof shape>, owner: string | undefined): VercelProjectActual {
  return {
    name: project.name,
    owner,
    framework: project.framework ?? undefined,
    rootDirectory: project.rootDirectory ?? undefined,
    protection: project.ssoProtection?.deploymentType,
    previewsDisabled: project.previewDeploymentsDisabled ?? undefined,
    paused: project.paused ?? false,
  };
}

/**
 * Creates it with its mark, open to visitors, without previews and without Git. A taken name is an ambiguous error:
 * somebody made it, perhaps we, unheard. https://vercel.com/docs/rest-api/projects/create-a-new-project
 */
export async function createProject(vercel: Vercel, wish: ProjectWish): Promise<FoundProject | undefined> {
  const { name, uid, framework, rootDirectory } = wish;
  try {
    const project = await vercel.request({
      operation: 'create project',
      method: 'POST',
      path: '/v11/projects',
      body: {
        name,
        ...(framework !== undefined && { framework }),
        ...(rootDirectory !== undefined && { rootDirectory }),
        previewDeploymentsDisabled: true,
        ssoProtection: null,
        environmentVariables: [{ key: MARK, value: uid, type: 'plain', target: ['production'] }],
      },
      schema: shape,
      scope: 'project:create',
    });
    if (project && wish.paused) await setPaused(vercel, project.id, true);
    return project && { id: project.id, actual: { ...actualOf(project, uid), paused: wish.paused ?? false } };
  } catch (thrown) {
    throw hasStatus(thrown, 409) ? conflict(thrown) : thrown;
  }
}

/** Sets what `paths` names to what is wished, and leaves the rest. */
export async function updateProject(
  vercel: Vercel,
  id: string,
  wish: ProjectWish,
  paths: ReadonlySet<string>,
): Promise<void> {
  const body = {
    ...(paths.has('name') && { name: wish.name }),
    ...(paths.has('framework') && { framework: wish.framework }),
    ...(paths.has('rootDirectory') && { rootDirectory: wish.rootDirectory }),
    ...(paths.has('protection') && { ssoProtection: null }),
    ...(paths.has('previews') && { previewDeploymentsDisabled: true }),
  };
  // The mark goes first: a project that has our name but not our mark would be foreign to the next run.
  if (paths.has('mark')) await writeVariables(vercel, id, { [MARK]: wish.uid });
  if (paths.has('paused')) await setPaused(vercel, id, wish.paused ?? false);
  if (Object.keys(body).length === 0) return;
  await vercel.request({
    operation: 'update project',
    method: 'PATCH',
    path: `/v9/projects/${encodeURIComponent(id)}`,
    body,
    schema: z.unknown(),
    scope: 'project:update',
    repeatable: true,
  });
}

/**
 * Turns its visitors away with 503, or lets them in again; deployments and variables stay. Takes the id alone.
 * https://vercel.com/docs/rest-api/projects/pause-a-project
 */
async function setPaused(vercel: Vercel, id: string, paused: boolean): Promise<void> {
  const verb = paused ? 'pause' : 'unpause';
  await vercel.request({
    operation: `${verb} project`,
    method: 'POST',
    path: `/v1/projects/${encodeURIComponent(id)}/${verb}`,
    schema: z.unknown(),
    scope: 'project:pause',
  });
}

/** Already gone is success. Its deployments go with it. */
export async function deleteProject(vercel: Vercel, id: string): Promise<void> {
  await vercel.request({
    operation: 'delete project',
    method: 'DELETE',
    path: `/v9/projects/${encodeURIComponent(id)}`,
    schema: z.unknown(),
    scope: 'project:delete',
    absentOn: [404],
  });
}

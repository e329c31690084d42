import * as z from 'zod';
import type { Difference, Found, Identity, Kind, Scope } from '../../engine/kind.ts';
import { conflict, hasStatus } from '../failure.ts';
import { foreignText } from '../foreign-text.ts';
import type { Vercel } from './client.ts';
import { listProjects } from './project-list.ts';
import { MARK, readVariables, writeVariables } from './variables.ts';

export interface VercelProjectInputs {
  readonly name: string;
  /** The agency's uid, which the mark holds. */
  readonly uid: string;
  readonly framework?: string;
  readonly rootDirectory?: string;
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
}

const shape = z.object({
  id: z.string(),
  name: z.string(),
  framework: z.string().nullish(),
  rootDirectory: z.string().nullish(),
  ssoProtection: z.object({ deploymentType: z.string() }).nullish(),
  previewDeploymentsDisabled: z.boolean().nullish(),
});

type ProjectScope = Scope<VercelProjectInputs>;
type FoundProject = Found<VercelProjectActual>;

/** With these, strangers still reach the production address. */
const OPEN_PROTECTIONS = ['preview', 'prod_deployment_urls_and_all_previews'];

/** Not linked to Git: its deployments are made by us alone, each of a commit that a person reviewed. */
export function vercelProject(vercel: Vercel): Kind<VercelProjectInputs, VercelProjectActual> {
  return {
    name: 'vercel.project',
    holdsData: true,
    stableOutputs: ['id', 'name'],
    identify: (scope) => {
      const id = scope.recorded?.id;
      return id === undefined ? byName(vercel, scope) : byRecord(vercel, scope, id);
    },
    read: (_scope, id) => readProject(vercel, id),
    diff: ({ inputs }, actual) => differences(inputs, actual),
    create: (scope) => createProject(vercel, scope),
    update: (scope, { id }, wished) => updateProject(vercel, scope, id, wished),
    delete: (_scope, id) => deleteProject(vercel, id),
    outputs: (_scope, { id, actual }) => ({ id, name: actual.name }),
    survey: () => listProjects(vercel),
  };
}

async function byRecord(vercel: Vercel, scope: ProjectScope, id: string): Promise<Identity<VercelProjectActual>> {
  const project = await readProject(vercel, id);
  if (!project) return { state: 'vanished', id, because: `the Vercel project ${id} is gone` };
  const because = strangeness(scope.inputs, project.actual);
  if (because === undefined) return { state: 'found', ...project };
  if (scope.adopt === id) return { state: 'foreign', found: adoptable(scope.inputs, project), because };
  const remedy = belongsToAnother(scope.inputs, project.actual)
    ? `Put the id of vercel.project in status.resources back to what git history shows: ${id} is not this agency’s.`
    : undefined;
  return { state: 'vanished', id, because, ...(remedy && { remedy }) };
}

async function byName(vercel: Vercel, scope: ProjectScope): Promise<Identity<VercelProjectActual>> {
  const { inputs, adopt } = scope;
  const named = await readProject(vercel, inputs.name);
  const project = named ?? (adopt === undefined ? undefined : await readProject(vercel, adopt));
  if (!project) return { state: 'absent' };
  const because = strangeness(inputs, project.actual);
  if (because === undefined) return { state: 'found', ...project };
  return { state: 'foreign', found: adoptable(inputs, project), because };
}

/** Why a project is not this agency's; `undefined` when it is. */
function strangeness({ name, uid }: VercelProjectInputs, actual: VercelProjectActual): string | undefined {
  const called = `the Vercel project ${foreignText(actual.name, 100)}`;
  if (actual.owner === undefined) return `${called} does not carry the mark ${MARK}`;
  if (actual.owner !== uid) return `${called} carries the mark of another agency (${foreignText(actual.owner, 60)})`;
  return actual.name === name ? undefined : `${called} should be called ${name}`;
}

/** Another agency's is nobody's to take, whatever a manifest allows. */
function adoptable(inputs: VercelProjectInputs, project: FoundProject): FoundProject[] {
  return belongsToAnother(inputs, project.actual) ? [] : [project];
}

function belongsToAnother({ uid }: VercelProjectInputs, { owner }: VercelProjectActual): boolean {
  return owner !== undefined && owner !== uid;
}

async function readProject(vercel: Vercel, idOrName: string): Promise<FoundProject | undefined> {
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
  };
}

function differences(inputs: VercelProjectInputs, actual: VercelProjectActual): Difference[] {
  const { name, uid, framework, rootDirectory } = inputs;
  return [
    ...differs('mark', actual.owner, uid),
    ...differs('name', actual.name, name),
    ...differs('framework', actual.framework, framework),
    ...differs('rootDirectory', actual.rootDirectory, rootDirectory),
    ...(actual.protection === undefined || OPEN_PROTECTIONS.includes(actual.protection)
      ? []
      : [{ path: 'protection', before: foreignText(actual.protection, 60), after: 'none', lowersProtection: true }]),
    ...(actual.previewsDisabled === false ? [{ path: 'previews', before: 'enabled', after: 'disabled' }] : []),
  ];
}

/** What is not wished for is Vercel's to decide. */
function differs(path: string, before: string | undefined, after: string | undefined): Difference[] {
  if (after === undefined || before === after) return [];
  return [{ path, after, ...(before !== undefined && { before: foreignText(before, 100) }) }];
}

async function createProject(vercel: Vercel, { inputs }: ProjectScope): Promise<FoundProject | undefined> {
  const { name, uid, framework, rootDirectory } = inputs;
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
    return project && { id: project.id, actual: actualOf(project, uid) };
  } catch (thrown) {
    throw hasStatus(thrown, 409) ? conflict(thrown) : thrown;
  }
}

async function updateProject(
  vercel: Vercel,
  { inputs }: ProjectScope,
  id: string,
  wished: readonly Difference[],
): Promise<void> {
  const paths = new Set(wished.map(({ path }) => path));
  const body = {
    ...(paths.has('name') && { name: inputs.name }),
    ...(paths.has('framework') && { framework: inputs.framework }),
    ...(paths.has('rootDirectory') && { rootDirectory: inputs.rootDirectory }),
    ...(paths.has('protection') && { ssoProtection: null }),
    ...(paths.has('previews') && { previewDeploymentsDisabled: true }),
  };
  // The mark goes first: a project that has our name but not our mark would be foreign to the next run.
  if (paths.has('mark')) await writeVariables(vercel, id, { [MARK]: inputs.uid });
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

async function deleteProject(vercel: Vercel, id: string): Promise<void> {
  await vercel.request({
    operation: 'delete project',
    method: 'DELETE',
    path: `/v9/projects/${encodeURIComponent(id)}`,
    schema: z.unknown(),
    scope: 'project:delete',
    absentOn: [404],
  });
}

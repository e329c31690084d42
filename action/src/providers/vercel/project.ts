import type { Difference, Identity, Kind, Scope } from '../../engine/kind.ts';
import { foreignText } from '../foreign-text.ts';
import type { Vercel } from './client.ts';
import {
  createProject,
  deleteProject,
  type FoundProject,
  type ProjectWish,
  readProject,
  updateProject,
  type VercelProjectActual,
} from './project-api.ts';
import { listProjects } from './project-list.ts';
import { MARK } from './variables.ts';

type ProjectScope = Scope<ProjectWish>;

/** With these, strangers still reach the production address. */
const OPEN_PROTECTIONS = ['preview', 'prod_deployment_urls_and_all_previews'];

/** Not linked to Git: its deployments are made by us alone, each of a commit that a person reviewed. */
export function vercelProject(vercel: Vercel): Kind<ProjectWish, VercelProjectActual> {
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
    create: ({ inputs }) => createProject(vercel, inputs),
    update: ({ inputs }, { id }, wished) => updateProject(vercel, id, inputs, new Set(wished.map(({ path }) => path))),
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
  return { state: 'vanished', id, because, stands: true, ...(remedy && { remedy }) };
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
function strangeness({ name, uid }: ProjectWish, actual: VercelProjectActual): string | undefined {
  const called = `the Vercel project ${foreignText(actual.name, 100)}`;
  if (actual.owner === undefined) return `${called} does not carry the mark ${MARK}`;
  if (actual.owner !== uid) return `${called} carries the mark of another agency (${foreignText(actual.owner, 60)})`;
  return actual.name === name ? undefined : `${called} should be called ${name}`;
}

/** Another agency's is nobody's to take, whatever a manifest allows. */
function adoptable(inputs: ProjectWish, project: FoundProject): FoundProject[] {
  return belongsToAnother(inputs, project.actual) ? [] : [project];
}

function belongsToAnother({ uid }: ProjectWish, { owner }: VercelProjectActual): boolean {
  return owner !== undefined && owner !== uid;
}

function differences(inputs: ProjectWish, actual: VercelProjectActual): Difference[] {
  const { name, uid, framework, rootDirectory } = inputs;
  return [
    ...differs('mark', actual.owner, uid),
    ...differs('name', actual.name, name),
    ...differs('framework', actual.framework, framework),
    ...differs('rootDirectory', actual.rootDirectory, rootDirectory),
    ...(actual.protection === undefined || OPEN_PROTECTIONS.includes(actual.protection)
      ? []
      : [{ path: 'protection', before: foreignText(actual.protection, 60), after: 'none', lowersProtection: true }]),
    ...differs('paused', String(actual.paused), String(inputs.paused ?? false)),
    ...(actual.previewsDisabled === false ? [{ path: 'previews', before: 'enabled', after: 'disabled' }] : []),
  ];
}

/** What is not wished for is Vercel's to decide. */
function differs(path: string, before: string | undefined, after: string | undefined): Difference[] {
  if (after === undefined || before === after) return [];
  return [{ path, after, ...(before !== undefined && { before: foreignText(before, 100) }) }];
}

import { ProviderError } from '../../engine/errors.ts';
import type { Difference, Found, Identity, Kind, Readiness, Scope } from '../../engine/kind.ts';
import type { Outputs } from '../../engine/resource.ts';
import { conflict, hasStatus } from '../failure.ts';
import { isPaused, pause, pausing, restore } from './pausing.ts';
import type { ProjectApi, ProjectWish, SupabaseProject } from './project-api.ts';

/** The organization is the connection's, like the team at Vercel: one run acts in one. */
export interface SupabaseProjectInputs extends Omit<ProjectWish, 'organization'> {
  /** It need not run: it is paused where the plan allows that, and left running where not. */
  readonly suspended?: boolean;
}

const SERVICES = ['auth', 'db', 'rest', 'storage'];
const DYING = ['REMOVED', 'GOING_DOWN'];
/** Nothing leads out of these by itself. */
const DEAD_ENDS: Readonly<Record<string, string>> = {
  INIT_FAILED: 'Delete it at Supabase, allow spec.recreate for it in the manifest, and run again.',
  INACTIVE: 'It was paused meanwhile; run again, and it is restored.',
  PAUSE_FAILED: 'Restore it in the Supabase dashboard or ask Supabase for help, and run again.',
  RESTORE_FAILED: 'Ask Supabase for help, and run again once it is healthy.',
};
/** As manifests have them. */
const SLUG_AND_UID = /^([a-z][a-z0-9-]{1,38}[a-z0-9])-[a-z0-9]{8,12}$/;
const DUPLICATE = /already exists|duplicate/i;

/**
 * A Supabase project. Its name is its mark: exactly `<prefix>-<slug>-<uid>` is ours. `projectUrl` is the template of an
 * instance's URL, with `{ref}` in it (`SUPABASE_PROJECT_URL`); `organization` is where projects are created and looked for.
 */
export function supabaseProject(
  api: ProjectApi,
  projectUrl: string,
  organization: string,
): Kind<SupabaseProjectInputs, SupabaseProject> {
  return {
    name: 'supabase.project',
    holdsData: true,
    settlesWithinMs: 30_000,
    pace: { everyMs: 1_000, forMs: 20 * 60_000 },
    stableOutputs: ['ref', 'url', 'name'],
    identify: async (scope) => {
      const seen = await identify(api, organization, scope);
      if (seen.state !== 'found' || !scope.inputs.suspended) return seen;
      return { ...seen, actual: { ...seen.actual, pausable: await api.canPause(organization) } };
    },
    read: async (_, id) => asFound(await living(api, id)),
    diff: ({ inputs }, actual) => diff(inputs, actual),
    create: async ({ inputs: { suspended, ...wish } }) => asFound(await create(api, { ...wish, organization })),
    update: (scope, { id }, differences) => update(api, scope, id, differences),
    delete: (_, id) => api.remove(id),
    ready: ({ inputs }, { id }) => (inputs.suspended ? settled(api, id) : ready(api, id)),
    outputs: ({ inputs }, found) => outputs(projectUrl, inputs, found),
    remember: ({ agency, inputs }, { actual }) => ({ uid: agency.uid, region: actual.region, name: inputs.name }),
    survey: async () => new Map((await api.list(organization)).filter(isAlive).map(({ ref, name }) => [ref, { name }])),
  };
}

async function identify(
  api: ProjectApi,
  organization: string,
  scope: Scope<SupabaseProjectInputs>,
): Promise<Identity<SupabaseProject>> {
  const id = scope.recorded?.id;
  return id === undefined ? byName(api, organization, scope) : recognise(scope, id, await living(api, id));
}

function recognise(
  scope: Scope<SupabaseProjectInputs>,
  id: string,
  actual: SupabaseProject | undefined,
): Identity<SupabaseProject> {
  const { inputs, adopt } = scope;
  if (!actual) return { state: 'vanished', id, because: `Supabase project ${id} is gone` };
  const adopted = adopt === id && otherAgency(scope, actual.name) === undefined;
  if (actual.name === inputs.name || adopted) return { state: 'found', id, actual };
  const because = `Supabase project ${id} is called "${actual.name}", not "${inputs.name}": it was renamed, or is another agency’s`;
  return { state: 'vanished', id, because, stands: true };
}

async function byName(
  api: ProjectApi,
  organization: string,
  scope: Scope<SupabaseProjectInputs>,
): Promise<Identity<SupabaseProject>> {
  const { name } = scope.inputs;
  const namesakes = (await api.list(organization)).filter((project) => project.name === name && isAlive(project));
  const [first, ...others] = namesakes.map((actual) => ({ id: actual.ref, actual }));
  if (first && others.length === 0) return { state: 'found', ...first };
  if (first) {
    const refs = namesakes.map(({ ref }) => ref).join(', ');
    return {
      state: 'foreign',
      found: [first, ...others],
      because: `${namesakes.length} Supabase projects are called "${name}": ${refs}`,
    };
  }
  return scope.adopt === undefined ? { state: 'absent' } : candidate(api, scope, scope.adopt);
}

async function candidate(
  api: ProjectApi,
  scope: Scope<SupabaseProjectInputs>,
  id: string,
): Promise<Identity<SupabaseProject>> {
  const found = asFound(await living(api, id));
  if (!found) return { state: 'foreign', found: [], because: `there is no Supabase project ${id} to adopt` };
  const called = `Supabase project ${id} is called "${found.actual.name}"`;
  const other = otherAgency(scope, found.actual.name);
  if (other === undefined) return { state: 'foreign', found: [found], because: called };
  return { state: 'foreign', found: [], because: `${called}: it is that of the agency ${other}, and nobody else’s` };
}

/**
 * The slug of the other agency that a project of this name belongs to: `<prefix>-<slug>-<uid>` under our own prefix. Its
 * manifest may be gone or broken, so the name alone decides.
 */
function otherAgency({ inputs, agency }: Scope<SupabaseProjectInputs>, name: string): string | undefined {
  const own = `-${agency.slug}-${agency.uid}`;
  if (name === inputs.name || !inputs.name.endsWith(own)) return undefined;
  const prefix = inputs.name.slice(0, -own.length + 1);
  return name.startsWith(prefix) ? SLUG_AND_UID.exec(name.slice(prefix.length))?.[1] : undefined;
}

async function living(api: ProjectApi, ref: string): Promise<SupabaseProject | undefined> {
  const project = await api.read(ref);
  return project && isAlive(project) ? project : undefined;
}

function isAlive({ status }: SupabaseProject): boolean {
  return !DYING.includes(status);
}

function asFound(actual: SupabaseProject | undefined): Found<SupabaseProject> | undefined {
  return actual && { id: actual.ref, actual };
}

function diff(inputs: SupabaseProjectInputs, actual: SupabaseProject): Difference[] {
  const differences: Difference[] = [];
  if (actual.name !== inputs.name) differences.push({ path: 'name', before: actual.name, after: inputs.name });
  if (actual.region !== inputs.region) {
    differences.push({ path: 'region', before: actual.region, after: inputs.region, immutable: true });
  }
  if (actual.size !== undefined && actual.size !== inputs.size) {
    const after = `the size is ${actual.size} and the manifest says ${inputs.size}: change it at Supabase, where its price shows`;
    differences.push({ path: 'size', before: actual.size, after, reportOnly: true });
  }
  return [...differences, ...pausing(inputs, actual)];
}

async function update(
  api: ProjectApi,
  scope: Scope<SupabaseProjectInputs>,
  id: string,
  differences: readonly Difference[],
): Promise<void> {
  const paths = differences.map(({ path }) => path);
  if (paths.includes('name')) await api.rename(id, scope.inputs.name);
  if (paths.includes('paused')) await (scope.inputs.suspended ? pause(api, scope, id) : restore(api, scope, id));
}

/** While it is paused and should not be, nothing can be asked of it, so that what builds on it is not looked for yet. */
function outputs(template: string, { suspended }: SupabaseProjectInputs, found: Found<SupabaseProject>): Outputs {
  const { id, actual } = found;
  const reach = { ref: id, url: template.replaceAll('{ref}', id), name: actual.name };
  if (suspended) return { ...reach, database: isPaused(actual) ? 'paused' : 'running' };
  return isPaused(actual) ? {} : reach;
}

async function create(api: ProjectApi, wish: ProjectWish): Promise<SupabaseProject | undefined> {
  try {
    return await api.create(wish);
  } catch (thrown) {
    const exists = hasStatus(thrown, 409) || (hasStatus(thrown, 400, 422) && DUPLICATE.test(thrown.message));
    throw exists && thrown instanceof ProviderError ? conflict(thrown) : thrown;
  }
}

async function ready(api: ProjectApi, id: string): Promise<Readiness<SupabaseProject>> {
  const actual = await living(api, id);
  if (!actual) return gone(id);
  const remedy = DEAD_ENDS[actual.status];
  if (remedy !== undefined) return failed(`Supabase project ${id} is ${actual.status}`, remedy);
  if (actual.status !== 'ACTIVE_HEALTHY') return { state: 'waiting', on: `the project (${actual.status})` };
  // The status turns healthy before the services are: each is asked for itself.
  const health = await api.health(id, SERVICES);
  const late = SERVICES.filter((service) => health.get(service) !== 'ACTIVE_HEALTHY');
  if (late.length > 0) return { state: 'waiting', on: `its services: ${late.join(', ')}` };
  return { state: 'ready', found: { id, actual } };
}

/** Paused or running, but not on its way from one to the other. */
async function settled(api: ProjectApi, id: string): Promise<Readiness<SupabaseProject>> {
  const actual = await living(api, id);
  if (!actual) return gone(id);
  if (actual.status === 'PAUSING') return { state: 'waiting', on: 'the project (PAUSING)' };
  return { state: 'ready', found: { id, actual } };
}

function gone(id: string): Readiness<SupabaseProject> {
  return failed(`Supabase project ${id} is gone`, 'Look at Supabase’s audit log for who deleted it.');
}

function failed(because: string, remedy: string): Readiness<SupabaseProject> {
  return { state: 'failed', because, remedy };
}

import { randomInt } from 'node:crypto';
import * as z from 'zod';
import { Secret } from '../../lib/secret.ts';
import { hasStatus } from '../failure.ts';
import { freshList } from '../fresh-list.ts';
import type { Http } from '../http.ts';
import { unlessGone } from './gone.ts';

const projectShape = z.object({ ref: z.string(), name: z.string(), region: z.string(), status: z.string() });
const listed = projectShape.extend({
  is_branch: z.boolean().nullish(),
  databases: z.array(z.object({ infra_compute_size: z.string().nullish() })).nullish(),
});
const listShape = z.object({ projects: z.array(listed), pagination: z.object({ count: z.number() }) });
const healthShape = z.array(z.object({ name: z.string(), status: z.string() }));

export interface SupabaseProject {
  readonly ref: string;
  readonly name: string;
  readonly region: string;
  /** The vendor's word; the list of words is open. */
  readonly status: string;
  /** Known only where it was read from a list. */
  readonly size?: string;
  /** Whether its organization's plan lets it be paused; known only where it was asked. */
  readonly pausable?: boolean;
}

export interface ProjectWish {
  readonly name: string;
  readonly organization: string;
  readonly region: string;
  readonly size: string;
}

/** Projects in the Management API: https://supabase.com/docs/reference/api/v1-create-a-project */
export interface ProjectApi {
  /** `undefined` when it is gone or was never ours to see. */
  read(ref: string): Promise<SupabaseProject | undefined>;
  /** Every project of an organization, from a list whose reading began after the question. */
  list(organization: string): Promise<readonly SupabaseProject[]>;
  /** Its database password is random and forgotten: it can be set anew, and nothing of ours needs it. */
  create(wish: ProjectWish): Promise<SupabaseProject | undefined>;
  rename(ref: string, name: string): Promise<void>;
  /** Stops its servers; its data is kept. */
  pause(ref: string): Promise<void>;
  /** Starts its servers again, with all its data. */
  restore(ref: string): Promise<void>;
  /** Whether the organization's plan lets projects be paused. */
  canPause(organization: string): Promise<boolean>;
  /** Already gone is success. */
  remove(ref: string): Promise<void>;
  /** The status of each service by name. */
  health(ref: string, services: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export function projectApi(http: Http): ProjectApi {
  const lists = new Map<string, () => Promise<readonly SupabaseProject[]>>();
  return {
    read: (ref) => read(http, ref),
    list: (organization) => {
      const known = lists.get(organization) ?? freshList(() => list(http, organization));
      lists.set(organization, known);
      return known();
    },
    create: (wish) => create(http, wish),
    rename: (ref, name) => rename(http, ref, name),
    pause: (ref) => act(http, ref, 'pause'),
    restore: (ref) => act(http, ref, 'restore'),
    canPause: (organization) => canPause(http, organization),
    remove: (ref) => remove(http, ref),
    health: (ref, services) => health(http, ref, services),
  };
}

function read(http: Http, ref: string): Promise<SupabaseProject | undefined> {
  return unlessGone(
    http.request({
      operation: 'read project',
      method: 'GET',
      path: `/v1/projects/${encodeURIComponent(ref)}`,
      schema: projectShape,
      scope: `read-project:${ref}`,
      permission: 'Project Settings read',
    }),
  );
}

const PAGE = 100;

/** Sorted by time of creation, so that what is created meanwhile comes last and no page moves. */
async function list(http: Http, organization: string): Promise<SupabaseProject[]> {
  const projects: SupabaseProject[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const page = await http.request({
      operation: 'list projects',
      method: 'GET',
      path: `/v1/organizations/${encodeURIComponent(organization)}/projects`,
      query: { limit: PAGE, offset, sort: 'created_asc' },
      schema: listShape,
      scope: `list-projects:${organization}`,
      permission: 'Organization Projects read',
    });
    const rows = page?.projects ?? [];
    projects.push(...rows.filter((row) => !row.is_branch).map(fromRow));
    if (rows.length === 0 || offset + rows.length >= (page?.pagination.count ?? 0)) return projects;
  }
}

function fromRow({ ref, name, region, status, databases }: z.infer<typeof listed>): SupabaseProject {
  const size = databases?.[0]?.infra_compute_size;
  return { ref, name, region, status, ...(size && { size }) };
}

function create(http: Http, { name, organization, region, size }: ProjectWish): Promise<SupabaseProject | undefined> {
  return http.request({
    operation: 'create project',
    method: 'POST',
    path: '/v1/projects',
    body: {
      name,
      organization_slug: organization,
      db_pass: forgottenPassword().reveal(),
      region_selection: { type: 'specific', code: region },
      desired_instance_size: size,
    },
    schema: projectShape,
    scope: `create-project:${organization}`,
    permission: 'Organization Projects write',
  });
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 40 letters and digits (238 bits): Supabase advises against signs that need escaping in a URL. */
function forgottenPassword(): Secret {
  return new Secret(Array.from({ length: 40 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(''));
}

async function rename(http: Http, ref: string, name: string): Promise<void> {
  await http.request({
    operation: 'rename project',
    method: 'PATCH',
    path: `/v1/projects/${encodeURIComponent(ref)}`,
    body: { name },
    schema: z.unknown(),
    scope: `rename-project:${ref}`,
    repeatable: true,
    permission: 'Project Settings write',
  });
}

/** https://supabase.com/docs/reference/api/v1-pause-a-project */
async function act(http: Http, ref: string, verb: 'pause' | 'restore'): Promise<void> {
  await http.request({
    operation: `${verb} project`,
    method: 'POST',
    path: `/v1/projects/${encodeURIComponent(ref)}/${verb}`,
    schema: z.unknown(),
    scope: `${verb}-project:${ref}`,
    permission: 'Project Settings write',
  });
}

/** "Projects under a paid plan cannot be paused": https://supabase.com/docs/guides/platform/free-project-pausing */
const PAUSING_PLANS = ['free', 'platform'];

async function canPause(http: Http, organization: string): Promise<boolean> {
  const answer = await http.request({
    operation: 'read organization',
    method: 'GET',
    path: `/v1/organizations/${encodeURIComponent(organization)}`,
    schema: z.object({ plan: z.string().nullish() }),
    scope: `read-organization:${organization}`,
    permission: 'Organization Settings read',
  });
  return PAUSING_PLANS.includes(answer?.plan ?? '');
}

/** The vendor says the same of a project that is too young to go and of one that went already. */
const NOT_READY = 'not ready for deletion';

async function remove(http: Http, ref: string): Promise<void> {
  const call = {
    operation: 'delete project',
    method: 'DELETE' as const,
    path: `/v1/projects/${encodeURIComponent(ref)}`,
    schema: z.unknown(),
    scope: `delete-project:${ref}`,
    permission: 'Project Settings write',
  };
  try {
    await unlessGone(http.request(call));
  } catch (thrown) {
    const refused = hasStatus(thrown, 400) && thrown.message.includes(NOT_READY);
    if (!refused || (await read(http, ref)) !== undefined) throw thrown;
  }
}

async function health(http: Http, ref: string, services: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await http.request({
    operation: 'read health of project',
    method: 'GET',
    path: `/v1/projects/${encodeURIComponent(ref)}/health`,
    query: { services: services.join(',') },
    schema: healthShape,
    scope: `read-health:${ref}`,
    permission: 'Project Settings read',
  });
  return new Map((rows ?? []).map(({ name, status }) => [name, status]));
}

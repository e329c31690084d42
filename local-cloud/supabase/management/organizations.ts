import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { isHidden } from '../../stale.ts';
import { look, type ProjectStatus } from '../lifecycle.ts';
import type { Organization, Project } from '../world.ts';
import { type Management, queryOf, refuse } from './vendor.ts';

const listQuery = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(100).default(100),
  search: z.string().optional(),
  sort: z.enum(['name_asc', 'name_desc', 'created_asc', 'created_desc']).default('name_asc'),
  statuses: z.string().optional(),
});

type ListQuery = z.infer<typeof listQuery>;

/** Organizations: https://supabase.com/docs/reference/api/v1-list-all-organizations */
export function organizationRoutes(app: Hono, api: Management): void {
  app.get('/v1/profile', (c) =>
    c.json({ gotrue_id: '7f1f6a52-6a0e-4a4e-9d5c-0d5f3c1b2a10', primary_email: 'ops@agency.example', username: 'ops' }),
  );

  app.get('/v1/organizations', (c) => {
    const { slug, name } = api.world.organization;
    return c.json([{ id: slug, slug, name }]);
  });

  app.get('/v1/organizations/:slug', (c) => {
    const { slug, name, plan } = organizationOf(api, c);
    return c.json({ id: slug, name, plan, opt_in_tags: [], allowed_release_channels: ['ga', 'preview'] });
  });

  app.get('/v1/organizations/:slug/projects', (c) => {
    organizationOf(api, c);
    const query = queryOf(c, listQuery);
    const now = api.context.clock.now();
    const fresh = api.world.living().filter((project) => !isHidden(c.req.raw, project.createdAt, now));
    const found = select(fresh, query, (project) => look(project, now, api.timing));
    const { limit, offset } = query;
    return c.json({
      projects: found.slice(offset, offset + limit).map(({ project, status }) => row(project, status)),
      pagination: { count: found.length, limit, offset },
    });
  });
}

function organizationOf(api: Management, c: Context): Organization {
  if (c.req.param('slug') !== api.world.organization.slug) refuse(404, 'Organization not found');
  return api.world.organization;
}

interface Seen {
  readonly project: Project;
  readonly status: ProjectStatus;
}

function select(projects: Project[], query: ListQuery, status: (project: Project) => ProjectStatus): Seen[] {
  const wanted = query.statuses?.split(',');
  const search = query.search?.toLowerCase();
  return projects
    .filter(({ name }) => search === undefined || name.toLowerCase().includes(search))
    .map((project) => ({ project, status: status(project) }))
    .filter((seen) => wanted === undefined || wanted.includes(seen.status))
    .sort((a, b) => orders[query.sort](a.project, b.project));
}

/** Equal names keep one order, so that pages neither repeat nor skip. */
const orders: Record<ListQuery['sort'], (a: Project, b: Project) => number> = {
  name_asc: (a, b) => compare(a.name, b.name) || a.id - b.id,
  name_desc: (a, b) => compare(b.name, a.name) || a.id - b.id,
  created_asc: (a, b) => a.createdAt - b.createdAt || a.id - b.id,
  created_desc: (a, b) => b.createdAt - a.createdAt || b.id - a.id,
};

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function row(project: Project, status: ProjectStatus): Record<string, unknown> {
  const database = {
    infra_compute_size: project.size,
    region: project.region,
    status: databaseStatus(status),
    cloud_provider: 'AWS',
    identifier: project.ref,
    type: 'PRIMARY',
    disk_volume_size_gb: 8,
    disk_type: 'gp3',
  };
  return {
    ref: project.ref,
    name: project.name,
    cloud_provider: 'AWS',
    region: project.region,
    is_branch: false,
    status,
    inserted_at: new Date(project.createdAt).toISOString(),
    databases: [database],
  };
}

/** Databases have fewer statuses than projects: no PAUSING, no INACTIVE. */
function databaseStatus(status: ProjectStatus): string {
  if (status === 'PAUSING') return 'GOING_DOWN';
  return status === 'INACTIVE' ? 'REMOVED' : status;
}

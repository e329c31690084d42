import type { Hono } from 'hono';
import { z } from 'zod';
import { LOWERCASE } from '../../chance.ts';
import { isHidden } from '../../stale.ts';
import { enter, look, statusOf } from '../lifecycle.ts';
import type { Project, World } from '../world.ts';
import { createBody, regionOf } from './create-body.ts';
import { birthKeys } from './new-keys.ts';
import { bodyOf, type Management, projectOf, refuse } from './vendor.ts';

const renameBody = z.strictObject({ name: z.string().min(1).max(256) });

/** Projects: https://supabase.com/docs/reference/api/v1-create-a-project */
export function projectRoutes(app: Hono, api: Management): void {
  const now = () => api.context.clock.now();

  app.get('/v1/projects', (c) => {
    const projects = api.world.living().filter((project) => !isHidden(c.req.raw, project.createdAt, now()));
    return c.json(projects.map((project) => projectRow(api, project, { database: true })));
  });

  app.post('/v1/projects', async (c) => {
    const body = await bodyOf(c, createBody);
    if (body.organization_slug !== api.world.organization.slug) refuse(404, 'Organization not found');
    refuseBeyondQuota(api);
    // The specification knows no rule of uniqueness, so a name may stand twice: finding duplicates is the client's work.
    const project = createProject(api, {
      name: body.name,
      region: regionOf(body),
      size: body.desired_instance_size ?? 'nano',
      engine: body.postgres_engine ?? '17',
    });
    api.world.add(project);
    return c.json(projectRow(api, project, { database: false }), 201);
  });

  app.get('/v1/projects/:ref', (c) => c.json(projectRow(api, projectOf(api, c), { database: true })));

  app.patch('/v1/projects/:ref', async (c) => {
    const project = projectOf(api, c);
    project.name = (await bodyOf(c, renameBody)).name;
    return c.json({ id: project.id, ref: project.ref, name: project.name });
  });

  app.delete('/v1/projects/:ref', async (c) => {
    const project = api.world.find(c.req.param('ref'));
    if (project === undefined) refuse(404, 'Project not found');
    const status = statusOf(project, now(), api.timing);
    if (!['ACTIVE_HEALTHY', 'INACTIVE'].includes(status)) refuse(400, 'Project not ready for deletion.');
    enter(project, 'removed', now());
    await api.instances.remove(project.ref);
    return c.json({ id: project.id, ref: project.ref, name: project.name, slug: api.world.organization.slug });
  });
}

/**
 * Free organizations may have two active projects per member; paused ones do not count. Status and text of the refusal
 * are not documented (this text is what people report); clients should rely on the 4xx only.
 */
function refuseBeyondQuota(api: Management): void {
  const { quota } = api.world.organization;
  if (quota === undefined) return;
  const at = api.context.clock.now();
  const active = api.world.living().filter((project) => statusOf(project, at, api.timing) !== 'INACTIVE');
  if (active.length < quota) return;
  refuse(
    400,
    'The following organization members have reached their maximum limits for the number of active free projects ' +
      `within organizations where they are an administrator or owner: ops@agency.example (${quota} project limit).`,
  );
}

type Wish = Pick<Project, 'name' | 'region' | 'size' | 'engine'>;

/** The database password is not kept: nobody can read it back from the vendor either. */
function createProject(api: Management, wish: Wish): Project {
  const { chance, clock } = api.context;
  const ref = newRef(api.world, () => chance.text(`project.ref/${wish.name}`, 20, LOWERCASE));
  const createdAt = clock.now();
  return {
    ref,
    id: api.world.nextId(),
    ...wish,
    organizationSlug: api.world.organization.slug,
    createdAt,
    phase: { kind: 'creating', since: createdAt, looks: 0 },
    healthyAt: null,
    serviceLooks: 0,
    keyReads: 0,
    legacyKeysEnabled: true,
    ...birthKeys(chance, ref, createdAt),
    auth: {},
  };
}

function newRef(world: World, draw: () => string): string {
  const ref = draw();
  return world.find(ref) === undefined ? ref : newRef(world, draw);
}

/** V1ProjectResponse, with `database` where the vendor gives it. Counts as a look. */
function projectRow(api: Management, project: Project, options: { database: boolean }): Record<string, unknown> {
  const database = {
    host: `db.${project.ref}.supabase.co`,
    version: project.engine === '15' ? '15.14.1.037' : '17.6.1.054',
    postgres_engine: project.engine,
    release_channel: 'ga',
  };
  const at = api.context.clock.now();
  return {
    id: project.ref,
    ref: project.ref,
    organization_id: project.organizationSlug,
    organization_slug: project.organizationSlug,
    name: project.name,
    region: project.region,
    created_at: new Date(project.createdAt).toISOString(),
    // The answer to a create is no look: recorded from the vendor, it says UNKNOWN.
    status: options.database ? look(project, at, api.timing) : statusOf(project, at, api.timing),
    ...(options.database && { database }),
  };
}

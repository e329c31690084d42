import type { Hono } from 'hono';
import { enter, statusOf } from '../lifecycle.ts';
import { type Management, projectOf, refuse } from './vendor.ts';

/** Pause, restore, restart: https://supabase.com/docs/reference/api/v1-pause-a-project */
export function lifecycleRoutes(app: Hono, api: Management): void {
  const now = () => api.context.clock.now();

  app.post('/v1/projects/:ref/pause', (c) => {
    const project = projectOf(api, c);
    const { plan } = api.world.organization;
    // That paid projects cannot be paused is documented; status and text of the refusal are not.
    if (plan !== 'free' && plan !== 'platform') refuse(400, `Projects on the ${plan} plan cannot be paused.`);
    const status = statusOf(project, now(), api.timing);
    if (status !== 'ACTIVE_HEALTHY') refuse(400, `Project cannot be paused, it is ${status}.`);
    enter(project, 'pausing', now());
    return c.body(null, 200);
  });

  app.post('/v1/projects/:ref/restore', (c) => {
    const project = projectOf(api, c);
    const status = statusOf(project, now(), api.timing);
    if (status !== 'INACTIVE') refuse(400, `This project is no longer in a paused state, it is ${status}`);
    enter(project, 'restoring', now());
    return c.body(null, 200);
  });

  app.get('/v1/projects/:ref/restore', (c) => {
    projectOf(api, c);
    const version = { version: '17.6.1.054', release_channel: 'ga', postgres_engine: '17' };
    return c.json({ available_versions: [version] });
  });

  app.post('/v1/projects/:ref/restart', (c) => {
    const project = projectOf(api, c);
    const status = statusOf(project, now(), api.timing);
    if (status !== 'ACTIVE_HEALTHY') refuse(400, `Project cannot be restarted, it is ${status}.`);
    enter(project, 'restarting', now());
    return c.body(null, 200);
  });
}

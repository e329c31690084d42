import type { Hono } from 'hono';
import { z } from 'zod';
import { json } from '../../answers.ts';
import { isServing, look, statusOf } from '../lifecycle.ts';
import type { Project } from '../world.ts';
import { bodyOf, type Management, projectOf, refuse } from './vendor.ts';

const readOnlyBody = z.strictObject({ query: z.string().min(1), parameters: z.array(z.unknown()).optional() });
const queryBody = readOnlyBody.extend({ read_only: z.boolean().optional() });

/** SQL: https://supabase.com/docs/reference/api/v1-run-a-query. Success is 201, whatever was asked. */
export function queryRoutes(app: Hono, api: Management): void {
  app.post('/v1/projects/:ref/database/query', async (c) => {
    const project = projectOf(api, c);
    const body = await bodyOf(c, queryBody);
    return json(201, await run(api, project, body.query, body.parameters, body.read_only ?? false));
  });

  app.post('/v1/projects/:ref/database/query/read-only', async (c) => {
    const project = projectOf(api, c);
    const body = await bodyOf(c, readOnlyBody);
    return json(201, await run(api, project, body.query, body.parameters, true));
  });

  app.get('/v1/projects/:ref/database/migrations', async (c) => {
    const project = projectOf(api, c);
    const ledger = await run(
      api,
      project,
      "select to_regclass('supabase_migrations.schema_migrations') as oid",
      [],
      true,
    );
    if (ledger[0]?.oid === null) return c.json([]);
    const sql = 'select version, name from supabase_migrations.schema_migrations order by version';
    return json(200, await run(api, project, sql, [], true));
  });
}

/** Rows of the last statement. Refuses as the vendor does: 540 paused, 544 gateway timeout, 400 for an SQL error. */
async function run(
  api: Management,
  project: Project,
  sql: string,
  parameters: unknown[] | undefined,
  readOnly: boolean,
): Promise<Record<string, unknown>[]> {
  refuseUnlessServing(api, project);
  const options = { readOnly, ...(parameters !== undefined && { parameters }) };
  const result = await api.instances.use(project.ref, (instance) => instance.query(sql, options));
  if (!result.ok) refuse(400, `Failed to run sql query: ${result.message.trimEnd()}\n`);
  return result.rows;
}

function refuseUnlessServing(api: Management, project: Project): void {
  const now = api.context.clock.now();
  const status = statusOf(project, now, api.timing);
  if (status === 'INACTIVE' || status === 'PAUSING') refuse(540, 'Project paused');
  const serving = isServing(project, 'db', now, api.timing);
  look(project, now, api.timing);
  if (!serving) refuse(544, 'Project API gateway timeout');
}

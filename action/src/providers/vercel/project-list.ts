import * as z from 'zod';
import type { Vercel } from './client.ts';

const page = z.object({
  projects: z.array(z.object({ id: z.string(), name: z.string() })),
  pagination: z.object({ next: z.union([z.string(), z.number()]).nullish() }),
});

/**
 * Every project of the team by id, 100 a page. Pages are cut by time of update, so a project that is updated meanwhile
 * can be listed twice (harmless, ids are keys) or be missed (the caller looks again by id before it acts).
 * https://vercel.com/docs/rest-api/projects/retrieve-a-list-of-projects
 */
export async function listProjects(vercel: Vercel): Promise<Map<string, { readonly name: string }>> {
  const projects = new Map<string, { readonly name: string }>();
  for (let from: string | number | undefined; ; ) {
    const answer = await vercel.request({
      operation: 'list projects',
      method: 'GET',
      path: '/v10/projects',
      query: { limit: 100, from },
      schema: page,
      scope: 'project:list',
    });
    for (const { id, name } of answer?.projects ?? []) projects.set(id, { name });
    const next = answer?.pagination.next ?? undefined;
    if (next === undefined || next === from) return projects;
    from = next;
  }
}

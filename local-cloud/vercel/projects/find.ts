import { badRequest, type Call, conflict, notFound } from '../answers.ts';
import type { Project } from '../state.ts';
import type { World } from '../world.ts';

const rule =
  'Project names can be up to 100 characters long and must be lowercase. They can include letters, digits and hyphens. ' +
  "However, they cannot start or end with a hyphen or contain the sequence '---'.";

/** @throws Refusal 400 unless the name is one that Vercel takes. */
export function checkName(name: string): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$/.test(name) || name.includes('---'))
    throw badRequest(rule, 'invalid_name');
}

/** Names are unique within a team or account. @throws Refusal 409 */
export function checkNameFree(world: World, accountId: string, name: string): void {
  const holder = world.state.projects.find((project) => project.accountId === accountId && project.name === name);
  if (holder !== undefined) throw conflict('A project with the provided name already exists.');
}

/** Only what belongs to the scope of the call exists for it. @throws Refusal 404 */
export function findProject(world: World, accountId: string, idOrName: string): Project {
  const found = world.state.projects.find(
    (project) => project.accountId === accountId && (project.id === idOrName || project.name === idOrName),
  );
  if (found === undefined) throw notFound('Project not found.');
  return found;
}

/** The project that the path names. */
export function projectOf(world: World, call: Call): Project {
  return findProject(world, call.get('accountId'), call.req.param('project') ?? '');
}

import { badRequest } from '../answers.ts';
import type { Project } from '../state.ts';

export interface Page {
  projects: Project[];
  pagination: { count: number; next: string | null };
}

const place = (project: Project): string => `${String(project.updatedAt).padStart(16, '0')}.${project.id}`;

/**
 * One page, last updated first. `from` is the `next` of the page before, so a project updated between two pages
 * moves in front of them and is missed: as at the vendor.
 * @throws Refusal 400 on a `from` that is neither a token nor a time
 */
export function pageOf(projects: readonly Project[], from: string | undefined, limit: number): Page {
  const sorted = projects.toSorted((a, b) => (place(a) < place(b) ? 1 : -1));
  const rest = from === undefined ? sorted : after(sorted, from);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = last === undefined || rest.length <= limit ? null : Buffer.from(place(last)).toString('base64url');
  return { projects: page, pagination: { count: page.length, next } };
}

function after(sorted: readonly Project[], from: string): Project[] {
  if (/^\d{1,16}$/.test(from)) return sorted.filter((project) => project.updatedAt > Number(from));
  const token = Buffer.from(from, 'base64url').toString();
  if (!/^\d{16}\.prj_\w+$/.test(token)) throw badRequest('Invalid query: `from` is not a valid continuation token.');
  return sorted.filter((project) => place(project) < token);
}

import * as z from 'zod';
import { ProviderError } from '../engine/errors.ts';
import type { Call } from '../providers/http.ts';
import type { GitHubScope, Repository } from './github.ts';

/** One call, without what all calls of an adapter have in common. */
export type Question<T> = Omit<Call<T>, 'scope' | 'permission' | 'method'> & { readonly method?: Call<T>['method'] };

const PAGE = 100;

/**
 * Calls to a repository under one permission, as `contents`. `writes` is the limiter's scope of those that change
 * something: `write` where people see what comes of it.
 */
export function apiOf({ request }: Repository, permission: string, writes: GitHubScope = 'write') {
  const reading = <T>(question: Question<T>) =>
    request<T>({ method: 'GET', repeatable: true, ...question, scope: 'read', permission: `${permission}: read` });
  const writing = <T>(question: Question<T>) =>
    request<T>({ method: 'POST', ...question, scope: writes, permission: `${permission}: write` });
  const read = async <T>(question: Question<T>) => there(await reading(question), question);
  return {
    /** `undefined` when it is not there. */
    find: <T>(question: Question<T>) => reading({ ...question, absentOn: [404] }),
    read,
    write: writing,
    /** The answer is what was made. */
    make: async <T>(question: Question<T>) => there(await writing(question), question),
    /** A list to its end. `member` names it where it is not the whole answer. */
    all: async <T>(question: Question<T>, member?: string): Promise<T[]> => {
      const list = z.array(question.schema);
      const page =
        member === undefined ? list : z.object({ [member]: list }).transform((answer) => answer[member] ?? []);
      const found: T[] = [];
      for (let number = 1; ; number += 1) {
        const query = { ...question.query, per_page: PAGE, page: number };
        const items = await read<T[]>({ ...question, query, schema: page });
        found.push(...items);
        if (items.length < PAGE) return found;
      }
    },
  };
}

function there<T>(value: T | undefined, { operation }: Question<T>): T {
  if (value !== undefined) return value;
  throw new ProviderError(
    { vendor: 'github', operation, transient: true, ambiguous: false },
    `github: ${operation} was answered with nothing`,
    'Run again.',
  );
}

import * as z from 'zod';
import { isAmbiguous, WaitingError } from '../engine/errors.ts';
import { apiOf } from './api.ts';
import { byBot, user } from './authors.ts';
import type { Comments } from './forge.ts';
import type { Repository } from './github.ts';

const comment = z.object({ id: z.number(), body: z.string().nullish(), user });
const FROM_ANEW = 3;

/**
 * https://docs.github.com/en/rest/issues/comments. A comment is ours when it begins with the marker and a bot wrote it:
 * what a person writes with our marker stays theirs. Ids grow, so all who made one at the same time keep the same one.
 */
export function comments(repository: Repository): Comments {
  const api = apiOf(repository, 'pull_requests');
  const ours = async (issue: number, marker: string) => {
    const path = `/issues/${issue}/comments`;
    const all = await api.all({ operation: `read the comments of #${issue}`, path, schema: comment });
    return all.filter((one) => byBot(one) && one.body?.startsWith(marker)).toSorted((a, b) => a.id - b.id);
  };
  const create = async (issue: number, body: string) => {
    const question = { operation: `comment on #${issue}`, path: `/issues/${issue}/comments`, body: { body } };
    // One whose answer was lost is found by looking, as one that somebody else made.
    await api.write({ ...question, schema: z.unknown() }).catch((thrown) => {
      if (!isAmbiguous(thrown)) throw thrown;
    });
  };
  /** Whether it is there and says so. */
  const change = async (id: number, body: string) => {
    const question = { operation: 'change the comment', method: 'PATCH', path: `/issues/comments/${id}` } as const;
    const answer = await api.write({ ...question, body: { body }, repeatable: true, absentOn: [404], schema: comment });
    return answer !== undefined;
  };
  const remove = (id: number) =>
    api.write({
      operation: 'delete a comment of which there are two',
      method: 'DELETE',
      path: `/issues/comments/${id}`,
      absentOn: [404],
      schema: z.unknown(),
    });

  /** Of several the first stays; whether it is there and says so. */
  const keep = async (issue: number, marker: string, body: string) => {
    const [first, ...others] = await ours(issue, marker);
    for (const { id } of others) await remove(id);
    return first !== undefined && (first.body === body || (await change(first.id, body)));
  };

  return {
    ensure: async (issue, marker, text, how = 'always') => {
      const body = `${marker}\n${text}`;
      for (let attempt = 1; attempt <= FROM_ANEW; attempt += 1) {
        const [there] = await ours(issue, marker);
        if (!mayBe(there?.body, how)) return;
        if (!there) await create(issue, body);
        if (await keep(issue, marker, body)) return;
      }
      throw lost(issue);
    },
  };
}

function mayBe(there: string | null | undefined, how: Parameters<Comments['ensure']>[3]): boolean {
  if (how === 'always') return true;
  return typeof how === 'object' ? (there?.includes(how.instead) ?? false) : typeof there === 'string';
}

function lost(issue: number): WaitingError {
  return new WaitingError(
    `the comment on #${issue} vanishes as soon as it is written`,
    'Run again when nobody deletes it at the same time.',
  );
}

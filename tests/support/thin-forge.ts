import * as z from 'zod';
import type { Comments, Commit, GitData, Moved, Pulls, TreeFile } from '../../action/src/forge/forge.ts';
import type { Repository } from '../../action/src/forge/github.ts';
import { hasStatus } from '../../action/src/providers/failure.ts';
import type { Call } from '../../action/src/providers/http.ts';

/**
 * As much of the forge's ports as intake needs, straight over the API, for its tests only: to be replaced by the
 * adapters `forge/git-data.ts`, `forge/pulls.ts` and `forge/comments.ts`.
 */
export function thinForge(repository: Repository) {
  const ask = async <T>(method: Call<T>['method'], path: string, schema: z.ZodType<T>, body?: unknown) =>
    repository.request<T>({
      operation: `${method} ${path}`,
      method,
      path,
      schema,
      scope: 'read',
      ...(method === 'GET' && { absentOn: [404] }),
      ...(body !== undefined && { body }),
    });
  const must = async <T>(...asked: Parameters<typeof ask<T>>): Promise<T> => {
    const answer = await ask(...asked);
    if (answer === undefined) throw new Error(`${asked[0]} ${asked[1]} was answered with nothing.`);
    return answer;
  };
  return { git: gitOf(ask, must), pulls: pullsOf(repository, must), comments: commentsOf(must) };
}

type Must = <T>(method: Call<T>['method'], path: string, schema: z.ZodType<T>, body?: unknown) => Promise<T>;

const made = z.object({ sha: z.string() });
const reference = z.object({ object: made });
const tree = z.object({ tree: z.array(z.object({ path: z.string(), type: z.string(), sha: z.string() })) });
const commit = z.object({
  sha: z.string(),
  message: z.string(),
  tree: made,
  parents: z.array(made),
  committer: z.object({ date: z.string() }),
});

function gitOf(
  ask: <T>(method: Call<T>['method'], path: string, schema: z.ZodType<T>) => Promise<T | undefined>,
  must: Must,
): Pick<GitData, 'head' | 'commit' | 'files' | 'text' | 'write' | 'createRef' | 'moveRef'> {
  return {
    head: async (ref) => (await ask('GET', `/git/ref/${ref}`, reference))?.object.sha,
    commit: async (sha): Promise<Commit> => {
      const read = await must('GET', `/git/commits/${sha}`, commit);
      return { sha, message: read.message, tree: read.tree.sha, parents: read.parents.map((one) => one.sha) };
    },
    files: async (sha): Promise<TreeFile[]> => {
      const read = await must('GET', `/git/trees/${sha}?recursive=1`, tree);
      return read.tree.filter(({ type }) => type === 'blob');
    },
    text: async (sha) => {
      const { content } = await must('GET', `/git/blobs/${sha}`, z.object({ content: z.string() }));
      return Buffer.from(content, 'base64').toString();
    },
    write: async ({ message, parents, tree: base, files }) => {
      const entries = Object.entries(files).map(([path, content]) => ({
        path,
        mode: '100644',
        type: 'blob',
        ...(content === null ? { sha: null } : { content }),
      }));
      const written =
        entries.length === 0
          ? { sha: base ?? EMPTY_TREE }
          : await must('POST', '/git/trees', made, { ...(base && { base_tree: base }), tree: entries });
      return (await must('POST', '/git/commits', made, { message, tree: written.sha, parents })).sha;
    },
    createRef: async (ref, sha) => {
      try {
        await must('POST', '/git/refs', reference, { ref: `refs/${ref}`, sha });
        return 'created';
      } catch (thrown) {
        if (hasStatus(thrown, 422) && /already exists/.test(thrown.message)) return 'exists';
        throw thrown;
      }
    },
    moveRef: async (ref, sha): Promise<Moved> => {
      try {
        await must('PATCH', `/git/refs/${ref}`, reference, { sha, force: false });
        return 'moved';
      } catch (thrown) {
        if (hasStatus(thrown, 422)) return 'diverged';
        throw thrown;
      }
    },
  };
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const side = z.object({ ref: z.string(), sha: z.string() });
const pull = z.object({
  number: z.number(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullable(),
  user: z.object({ login: z.string() }),
  state: z.enum(['open', 'closed']),
  merged_at: z.string().nullable(),
  head: side,
  base: side,
});

function pullsOf({ name }: Repository, must: Must): Pick<Pulls, 'ensure'> {
  const of = ({ html_url: url, user, merged_at, body, ...one }: z.output<typeof pull>) => ({
    ...one,
    url,
    author: user.login,
    merged: merged_at !== null,
    body: body ?? '',
  });
  const find = async (head: string) => {
    const [owner] = name.split('/');
    return (await must('GET', `/pulls?state=open&head=${owner}:${head}`, z.array(pull)))[0];
  };
  return {
    ensure: async (wish) => {
      try {
        return { pull: of(await must('POST', '/pulls', pull, wish)), opened: true };
      } catch (thrown) {
        const there = hasStatus(thrown, 422) ? await find(wish.head) : undefined;
        if (!there) throw thrown;
        return { pull: of(there), opened: false };
      }
    },
  };
}

const comment = z.object({ id: z.number(), body: z.string() });

function commentsOf(must: Must): Comments {
  return {
    ensure: async (issue, marker, text) => {
      const body = `${marker}\n${text}`;
      const list = async () => {
        const all = await must('GET', `/issues/${issue}/comments?per_page=100`, z.array(comment));
        return all.filter((one) => one.body.startsWith(marker));
      };
      const [ours] = await list();
      if (ours?.body === body) return;
      if (ours) await must('PATCH', `/issues/comments/${ours.id}`, comment, { body });
      else await must('POST', `/issues/${issue}/comments`, comment, { body });
      for (const later of (await list()).slice(1)) {
        await must('DELETE', `/issues/comments/${later.id}`, z.unknown()).catch((thrown) => {
          // Another run was faster.
          if (!hasStatus(thrown, 404)) throw thrown;
        });
      }
    },
  };
}

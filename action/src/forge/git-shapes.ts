import * as z from 'zod';
import type { Commit, TreeFile } from './forge.ts';

/** Of GitHub's answers about git data, https://docs.github.com/en/rest/git, no more than we use. */
const id = z.object({ sha: z.string() });

export const made = id;

export const repository = z.object({ default_branch: z.string() });

export const reference = z.object({ object: id });

export const comparison = z.object({ status: z.string() });

export const blob = z.object({ content: z.string(), encoding: z.string() });

export const commit = z
  .object({
    sha: z.string(),
    tree: id,
    parents: z.array(id),
    message: z.string(),
    committer: z.object({ date: z.string() }),
  })
  .transform(
    ({ sha, tree, parents, message, committer }): Commit => ({
      sha,
      tree: tree.sha,
      parents: parents.map((parent) => parent.sha),
      message,
      at: committer.date,
    }),
  );

const PLAIN = ['100644', '100755'];

export const tree = z
  .object({
    truncated: z.boolean(),
    tree: z.array(
      z.object({
        path: z.string(),
        mode: z.string(),
        type: z.string(),
        sha: z.string(),
        size: z.number().optional(),
      }),
    ),
  })
  .transform(({ truncated, tree: entries }) => ({
    truncated,
    files: entries
      .filter(({ type, mode }) => type === 'blob' && PLAIN.includes(mode))
      .map(({ path, sha, size }): TreeFile => ({ path, sha, ...(size !== undefined && { size }) })),
  }));

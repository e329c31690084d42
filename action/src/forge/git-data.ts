import * as z from 'zod';
import { BlockedError, isTransient } from '../engine/errors.ts';
import { hasStatus } from '../providers/failure.ts';
import { apiOf } from './api.ts';
import type { GitData, Moved, NewCommit, TreeFile } from './forge.ts';
import { blob, commit, comparison, made, reference, repository as shape, tree } from './git-shapes.ts';
import type { Repository } from './github.ts';

/** What git calls the tree without files; it stands in every repository. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/**
 * The git data of one repository, https://docs.github.com/en/rest/git. Objects are named by their content and a ref
 * moves only forward, so every call may be sent again; what came of one whose answers were all lost is seen by looking.
 * Throws `ProviderError`.
 */
export function gitData(repository: Repository): GitData {
  const api = apiOf(repository, 'contents', 'git');
  const head = async (ref: string) =>
    (await api.find({ operation: `read ${ref}`, path: refPath('ref', ref), schema: reference }))?.object.sha;
  const isIn = async (sha: string, tip: string | undefined) =>
    tip !== undefined && (tip === sha || (await isBehind(api, sha, tip)));
  /** What was written here need not be read, where it may not be known yet. */
  const parents = new Map<string, readonly string[]>();
  const parentsOf = async (sha: string) =>
    parents.get(sha) ??
    (await api.find({ operation: `read commit ${sha}`, path: `/git/commits/${sha}`, schema: commit }))?.parents;
  return {
    head,
    defaultBranch: async () => {
      const found = await api.find({ operation: 'read the repository', path: '', schema: shape });
      if (!found) throw nowhere(repository.name);
      return found.default_branch;
    },
    commit: (sha) => api.read({ operation: `read commit ${sha}`, path: `/git/commits/${sha}`, schema: commit }),
    files: (sha) => filesOf(api, sha),
    text: async (sha) => {
      const { content } = await api.read({ operation: `read file ${sha}`, path: `/git/blobs/${sha}`, schema: blob });
      return Buffer.from(content, 'base64').toString('utf8');
    },
    isBehind: (from, to) => isBehind(api, from, to),
    write: async (wish) => {
      const sha = await write(api, wish);
      parents.set(sha, wish.parents);
      return sha;
    },
    createRef: async (ref, sha) => {
      try {
        const body = { ref: `refs/${ref}`, sha };
        await api.write({
          repeatable: true,
          operation: `create ${ref}`,
          method: 'POST',
          path: '/git/refs',
          body,
          schema: reference,
        });
        return 'created';
      } catch (thrown) {
        const exists = says(thrown, 422, /already exists/i);
        if (!exists && !isTransient(thrown)) throw thrown;
        // It may be ours, made by a request whose answer did not arrive.
        if (await isIn(sha, await head(ref))) return 'created';
        if (exists) return 'exists';
        throw thrown;
      }
    },
    moveRef: (ref, sha) => move(api, ref, sha, { head, parentsOf, isIn }),
    deleteRef: async (ref) => {
      try {
        await api.write({
          repeatable: true,
          operation: `delete ${ref}`,
          method: 'DELETE',
          path: refPath('refs', ref),
          schema: z.undefined(),
        });
      } catch (thrown) {
        if (!says(thrown, 422, /does not exist/i)) throw thrown;
      }
    },
  };
}

function nowhere(name: string): BlockedError {
  return new BlockedError(
    `github knows no repository ${name}, or does not show it to this token`,
    'Look at GITHUB_REPOSITORY, and whether the token or the App may read that repository.',
  );
}

type Api = ReturnType<typeof apiOf>;

/** https://docs.github.com/en/rest/git/trees#get-a-tree: at most 100,000 entries and 7 MB. */
async function filesOf(api: Api, sha: string): Promise<readonly TreeFile[]> {
  const { truncated, files } = await api.read({
    operation: `list the files of ${sha}`,
    path: `/git/trees/${sha}`,
    query: { recursive: 1 },
    schema: tree,
  });
  if (!truncated) return files;
  throw new BlockedError(
    `github does not list all files of ${sha}: there are too many`,
    'Move what does not belong to the control room into another repository.',
  );
}

async function write(api: Api, { message, parents, tree: base = EMPTY_TREE, files }: NewCommit): Promise<string> {
  const entries = Object.entries(files).map(([path, content]) => {
    const file = { path, mode: '100644', type: 'blob' };
    return content === null ? { ...file, sha: null } : { ...file, content };
  });
  const written =
    entries.length === 0
      ? { sha: base }
      : await api.make({
          repeatable: true,
          operation: 'write files',
          method: 'POST',
          path: '/git/trees',
          body: { ...(base !== EMPTY_TREE && { base_tree: base }), tree: entries },
          schema: made,
          patience: 2,
        });
  const { sha } = await api.make({
    repeatable: true,
    operation: 'write a commit',
    method: 'POST',
    path: '/git/commits',
    body: { message, tree: written.sha, parents },
    schema: made,
  });
  return sha;
}

interface Looks {
  head(ref: string): Promise<string | undefined>;
  /** `undefined` when there is no such commit. */
  parentsOf(sha: string): Promise<readonly string[] | undefined>;
  /** Whether a commit is, or is behind, what a ref stands at. */
  isIn(sha: string, tip: string | undefined): Promise<boolean>;
}

async function move(api: Api, ref: string, sha: string, looks: Looks): Promise<Moved> {
  try {
    const body = { sha, force: false };
    await api.write({
      repeatable: true,
      operation: `move ${ref}`,
      method: 'PATCH',
      path: refPath('refs', ref),
      body,
      schema: reference,
    });
    return 'moved';
  } catch (thrown) {
    if (!isTransient(thrown)) return whyNot(thrown, ref, sha, looks);
    // The first of several tries may have moved it, and somebody else have gone on from there.
    if (await looks.isIn(sha, await looks.head(ref))) return 'moved';
    throw thrown;
  }
}

/**
 * Rules have too many words to be known by them, and share some with a rival: where the ref still stands at what the
 * commit was made on, nobody was faster, so a rule refuses. One look, which may show what was true a second ago; that
 * a move is not forward is never a rule's answer, and is newer than the look.
 */
async function whyNot(thrown: unknown, ref: string, sha: string, looks: Looks): Promise<Moved> {
  if (!hasStatus(thrown, 403, 409, 422)) throw thrown;
  const parents = await looks.parentsOf(sha);
  if (!parents) throw thrown;
  const now = await looks.head(ref);
  const isUnmoved = now !== undefined && parents.includes(now);
  if (isUnmoved && !says(thrown, 422, /not a fast.forward/i)) return { refused: thrown };
  return !isUnmoved && (await looks.isIn(sha, now)) ? 'moved' : 'diverged';
}

/** Whether `from` can be reached from `to`; a 404 says that they have nothing in common. */
async function isBehind(api: Api, from: string, to: string): Promise<boolean> {
  const found = await api.find({
    operation: 'compare two commits',
    path: `/compare/${from}...${to}`,
    query: { per_page: 1 },
    schema: comparison,
  });
  return found?.status === 'ahead' || found?.status === 'identical';
}

function says(thrown: unknown, status: number, words: RegExp): boolean {
  return hasStatus(thrown, status) && words.test(thrown.message);
}

function refPath(kind: 'ref' | 'refs', ref: string): string {
  return `/git/${kind}/${ref.split('/').map(encodeURIComponent).join('/')}`;
}

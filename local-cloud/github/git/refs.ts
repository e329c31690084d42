import { isLoose, moveLoose } from './loose-refs.ts';
import { GitError } from './process.ts';
import type { ObjectType } from './reader.ts';
import type { Git } from './repository.ts';

export interface Ref {
  /** In full: `refs/heads/main`. */
  readonly ref: string;
  readonly sha: string;
  readonly type: ObjectType;
}

export const NOTHING = '0'.repeat(40);

/** Whether git takes `name` for a ref, and for nothing else such as `main~1` (man git-check-ref-format). */
export function isRefName(name: string): boolean {
  if (name === '' || name.startsWith('-') || name.startsWith('/') || /[./]$|\.lock$/.test(name)) return false;
  if (/\.\.|\/\/|@\{|\/\.|^\.|\.lock\/|^@$/.test(name)) return false;
  return ![...name].some((letter) => letter <= ' ' || letter === '\x7f' || '~^:?*[\\'.includes(letter));
}

export function isSha(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** What a ref points at, not peeled. */
export async function readRef(git: Git, ref: string): Promise<Ref | undefined> {
  if (!ref.startsWith('refs/') || !isRefName(ref)) return undefined;
  const object = await git.object(ref);
  return object === undefined ? undefined : { ref, sha: object.sha, type: object.type };
}

/** All refs that begin with `prefix`, by name. */
export async function listRefs(git: Git, prefix: string): Promise<Ref[]> {
  const lines = (await git.text(['for-each-ref', '--format=%(objectname) %(objecttype) %(refname)'])).split('\n');
  return lines.flatMap((line) => {
    const [sha = '', type = '', ref = ''] = line.split(' ');
    return ref.startsWith(prefix) && ref !== '' ? [{ ref, sha, type: type as ObjectType }] : [];
  });
}

/**
 * Moves `ref` from `before` to `after`; NOTHING = it does not exist before, or not any more. false when it was
 * elsewhere, or when another ref is in the way (`a` and `a/b` cannot both exist).
 */
export async function moveRef(git: Git, ref: string, after: string, before: string): Promise<boolean> {
  // What is missing is git's to refuse.
  const isThere = after === NOTHING || (await git.object(after)) !== undefined;
  if (isThere && isLoose(git.dir)) return moveLoose(git.dir, ref, given(after), given(before));
  const args = after === NOTHING ? ['update-ref', '-d', ref, before] : ['update-ref', ref, after, before];
  try {
    await git.run(args);
    return true;
  } catch (error) {
    if (error instanceof GitError && /cannot lock ref|reference already exists/.test(error.stderr)) return false;
    throw error;
  }
}

function given(sha: string): string | undefined {
  return sha === NOTHING ? undefined : sha;
}

/** The commit that a branch, a tag, a full or shortened ref, or a sha (seven digits or more) stands for. */
export async function resolveCommit(git: Git, name: string): Promise<string | undefined> {
  if (!isRefName(name)) return undefined;
  const spellings = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  if (/^[0-9a-f]{7,40}$/.test(name)) spellings.unshift(name);
  for (const spelling of spellings) {
    const object = await git.object(`${spelling}^{commit}`);
    if (object !== undefined) return object.sha;
  }
  return undefined;
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { isLoose } from './loose-refs.ts';
import type { GitObject, ObjectType } from './reader.ts';

/** `absent` where nothing stands for the name; `unknown` where git has to be asked. */
export type Found = GitObject | 'absent' | 'unknown';

/**
 * What a name stands for, read from the file that git keeps it in: a full sha or a full ref, or either with `^{commit}`
 * or `^{tree}`. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
export function readLooseObject(dir: string, name: string): Found {
  const [, start = '', wanted] = /^([0-9a-f]{40}|refs\/[^\0\n:^~@]+)(?:\^\{(commit|tree)\})?$/.exec(name) ?? [];
  if (start === '' || start.includes('..')) return 'unknown';
  const found = start.startsWith('refs/') ? ofRef(dir, start) : ofSha(dir, start);
  return typeof found === 'string' || wanted === undefined ? found : peeled(dir, found, wanted);
}

function ofRef(dir: string, ref: string): Found {
  if (!isLoose(dir)) return 'unknown';
  const text = contentOf(join(dir, ref))?.toString().trim();
  if (text === undefined) return 'absent';
  return /^[0-9a-f]{40}$/.test(text) ? ofSha(dir, text) : 'unknown';
}

/** The one object that every repository has without keeping it. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function ofSha(dir: string, sha: string): Found {
  if (sha === EMPTY_TREE) return { sha, type: 'tree', content: Buffer.alloc(0) };
  const packed = contentOf(join(dir, 'objects', sha.slice(0, 2), sha.slice(2)));
  if (packed === undefined) return hasPacks(dir) ? 'unknown' : 'absent';
  const whole = inflateSync(packed);
  const gap = whole.indexOf(0);
  const type = whole.subarray(0, whole.indexOf(' ')).toString();
  return isType(type) ? { sha, type, content: whole.subarray(gap + 1) } : 'unknown';
}

/** Of commits only; what else there is, git peels. */
function peeled(dir: string, object: GitObject, wanted: string): Found {
  if (object.type === wanted) return object;
  if (object.type !== 'commit') return 'unknown';
  const tree = /^tree ([0-9a-f]{40})\n/.exec(object.content.toString())?.[1];
  return tree === undefined ? 'unknown' : ofSha(dir, tree);
}

function hasPacks(dir: string): boolean {
  const folder = join(dir, 'objects/pack');
  return existsSync(join(dir, 'objects/info/alternates')) || (existsSync(folder) && readdirSync(folder).length > 0);
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(thrown.code)))
      return undefined;
    throw thrown;
  }
}

function isType(type: string): type is ObjectType {
  return type === 'blob' || type === 'tree' || type === 'commit' || type === 'tag';
}

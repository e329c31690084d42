import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether every ref of a bare repository is a file of its own, as long as nobody packed them. */
export function isLoose(dir: string): boolean {
  return !existsSync(join(dir, 'packed-refs'));
}

/**
 * What `git update-ref` does to a loose ref, without a process: `undefined` = it is not there, or shall not be. Looks and
 * writes without a pause, so that of two within this process one is first. false when it stands elsewhere, or when
 * another ref is in its way. https://git-scm.com/docs/gitrepository-layout
 */
export function moveLoose(dir: string, ref: string, after: string | undefined, before: string | undefined): boolean {
  const path = join(dir, ref);
  try {
    if (readLoose(path) !== before) return false;
    if (after !== undefined) write(dir, path, after);
    else if (before !== undefined) unlinkSync(path);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST')) return false;
    throw thrown;
  }
}

function readLoose(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (thrown) {
    if (hasCode(thrown, 'EISDIR')) removeEmpty(path);
    else if (!hasCode(thrown, 'ENOENT')) throw thrown;
    return undefined;
  }
}

/** Folders that deleted refs left behind are in nobody's way; one with a ref in it stays, and is. */
function removeEmpty(folder: string): void {
  for (const one of readdirSync(folder, { withFileTypes: true })) {
    if (one.isDirectory()) removeEmpty(join(folder, one.name));
  }
  rmdirSync(folder);
}

/** Readers see the old name or the new one, also after a kill. */
function write(dir: string, path: string, after: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = join(dir, `draft-${randomBytes(6).toString('hex')}`);
  writeFileSync(draft, `${after}\n`);
  renameSync(draft, path);
}

function hasCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}

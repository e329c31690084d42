import { execFile } from 'node:child_process';
import { closeSync, constants, type Dirent, fstatSync, openSync, readSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { ManifestError } from '../engine/errors.ts';
import { isCode } from '../lib/errno.ts';
import type { RoomInput, SourceFile } from '../manifest/load.ts';
import { readBase } from './base.ts';
import { SQL_CAP_BYTES, YAML_CAP_BYTES } from './caps.ts';

/**
 * Reads the files of a control room as text, byte for byte; what is not UTF-8 turns into U+FFFD, which the manifest
 * rules refuse with its place. Rejects with a ManifestError for symbolic links, which could lead out of the folder.
 * `base` is the git revision that a change is judged against: what stood there may not be rewritten.
 */
export async function readRoom(dir: string, repository?: string, base?: string): Promise<RoomInput> {
  const [fleet, agencies, migrations, former, released] = await Promise.all([
    readFleet(dir),
    readFolder(dir, 'agencies', YAML_CAP_BYTES),
    readFolder(dir, 'migrations/agency', SQL_CAP_BYTES),
    base === undefined ? undefined : readBase(dir, base),
    base === undefined ? undefined : readBase(dir, base, 'migrations/agency/'),
  ]);
  return {
    fleet,
    agencies,
    migrations,
    ...(repository !== undefined && { repository }),
    ...(former && released && { base: { agencies: former, migrations: released } }),
  };
}

/** Rejects as `readRoom` does for a folder that is no control room: nothing may be left behind in one. */
export async function assertIsRoom(dir: string): Promise<void> {
  await readFleet(dir);
}

/** The commit that the folder stands at; `undefined` when its fleet.yaml is not tracked by git, or there is no git. */
export async function headRevision(dir: string): Promise<string | undefined> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', ['-C', dir, ...args])).stdout.trim();
  try {
    await git('ls-files', '--error-unmatch', '--', 'fleet.yaml');
    return await git('rev-parse', '--verify', 'HEAD^{commit}');
  } catch {
    return undefined;
  }
}

async function readFleet(dir: string): Promise<SourceFile> {
  const file = 'fleet.yaml';
  try {
    return { file, text: readText(dir, file, YAML_CAP_BYTES) };
  } catch (thrown) {
    if (!isCode(thrown, 'ENOENT')) throw thrown;
    throw new ManifestError(
      `there is no fleet.yaml in ${dir}`,
      'Run it in the control room, or name its folder with --dir.',
      thrown,
    );
  }
}

async function readFolder(dir: string, folder: string, cap: number): Promise<SourceFile[]> {
  const names = (await list(dir, folder)).sort();
  return names.map((file) => ({ file, text: readText(dir, file, cap) }));
}

/** Every file below a folder, with slashes, relative to the room; a folder that is not there holds none. */
async function list(dir: string, folder: string): Promise<string[]> {
  const path = join(dir, folder);
  try {
    if ((await lstat(path)).isSymbolicLink()) throw linked(folder);
    const entries = await readdir(path, { withFileTypes: true, recursive: true });
    return entries.flatMap((entry) => nameOf(dir, entry));
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return [];
    throw thrown;
  }
}

function nameOf(dir: string, entry: Dirent): string[] {
  const file = relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/');
  if (entry.isSymbolicLink()) throw linked(file);
  return entry.isFile() ? [file] : [];
}

/**
 * At most `cap` bytes, so that a huge file costs no more than a refusal. Not asynchronous: four trips to another thread
 * for each of a thousand small files cost several times what reading them does, and nothing else is going on yet.
 */
function readText(dir: string, file: string, cap: number): string {
  const descriptor = openPlain(dir, file);
  try {
    const buffer = Buffer.alloc(Math.min(fstatSync(descriptor).size, cap));
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function openPlain(dir: string, file: string): number {
  try {
    return openSync(join(dir, file), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (thrown) {
    throw isCode(thrown, 'ELOOP') ? linked(file) : thrown;
  }
}

function linked(file: string): ManifestError {
  return new ManifestError(
    `${file} is a symbolic link, which could lead out of the control room`,
    'Put the file itself in its place.',
  );
}

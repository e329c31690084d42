import { createHash, randomUUID } from 'node:crypto';
import { constants, cpSync, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrapSql } from './bootstrap.ts';
import { createPostgres, dataDirectoryTraits, pgliteVersion } from './postgres.ts';

/** `.cache/local-cloud` under the project's root, which git ignores. */
export const defaultCacheDir = fileURLToPath(new URL('../../.cache/local-cloud', import.meta.url));

const abandonedAfterMs = 60 * 60 * 1000;
const inThisProcess = new Map<string, Promise<string>>();

/**
 * The folder of a closed data directory with Supabase's roles and schemas in it; made on the first call (2-4 s).
 * Safe when several processes ask at once: each builds aside and the first rename wins.
 */
export function ensureTemplate(cacheDir: string = defaultCacheDir): Promise<string> {
  const known = inThisProcess.get(cacheDir) ?? findOrBuild(cacheDir);
  inThisProcess.set(cacheDir, known);
  known.catch(() => inThisProcess.delete(cacheDir));
  return known;
}

/** Copies the template to `dir`, whole or not at all; what is already there stays. */
export async function stampTemplate(template: string, dir: string): Promise<void> {
  if (existsSync(dir)) return;
  await mkdir(dirname(dir), { recursive: true });
  const aside = `${dir}.${randomUUID()}`;
  cpSync(template, aside, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await renameUnlessThere(aside, dir);
}

async function findOrBuild(cacheDir: string): Promise<string> {
  const sql = bootstrapSql();
  const digest = createHash('sha256').update(JSON.stringify([await pgliteVersion(), dataDirectoryTraits, sql]));
  const template = join(cacheDir, `postgres-${digest.digest('hex').slice(0, 16)}`);
  if (existsSync(template)) return template;
  await mkdir(cacheDir, { recursive: true });
  await removeAbandoned(cacheDir);
  const aside = join(cacheDir, `building-${randomUUID()}`);
  await build(aside, sql);
  await renameUnlessThere(aside, template);
  return template;
}

async function build(dir: string, sql: string[]): Promise<void> {
  const postgres = await createPostgres(dir);
  try {
    for (const text of sql) await postgres.exec(text);
  } finally {
    await postgres.close();
  }
}

async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    await rm(from, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
}

async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    const path = join(cacheDir, name);
    if (!name.startsWith('building-') || (await stat(path)).mtimeMs > Date.now() - abandonedAfterMs) continue;
    await rm(path, { recursive: true, force: true });
  }
}

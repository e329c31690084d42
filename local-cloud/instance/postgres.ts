import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite, types } from '@electric-sql/pglite';
import { pgcrypto } from '@electric-sql/pglite/contrib/pgcrypto';
import { uuid_ossp } from '@electric-sql/pglite/contrib/uuid_ossp';

declare global {
  // The compiler's ES library leaves WebAssembly to the DOM's, which a server does not load.
  namespace WebAssembly {
    function compile(bytes: Uint8Array): Promise<Module>;
  }
}

const packageDir = dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'));

/** Measured: 31-33 MB per open project instead of 69-213 MB. */
const smallMemory = ['shared_buffers=8MB', 'max_connections=4', 'wal_buffers=64kB', 'work_mem=1MB'];
const searchPath = 'search_path="$user",public,extensions';

/** Everything that decides what a data directory made by this file looks like. */
export const dataDirectoryTraits = ['wal-segsize=1', ...smallMemory, searchPath];

/** The version of the PGlite package in use, e.g. `0.5.16`. */
export async function pgliteVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(packageDir, '..', 'package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error(`${packageDir} has no package.json with a version`);
}

/** Runs initdb in `dir`, which must not hold a database yet. The session is that of the initial superuser. */
export async function createPostgres(dir: string): Promise<PGlite> {
  return PGlite.create({
    ...(await shared()),
    dataDir: dir,
    postgresqlconf: smallMemory,
    initDbStartParams: ['--wal-segsize=1'],
  });
}

/**
 * Opens the database in `dir` as `supabase_admin`, the platform's superuser. Values come back as the vendor's
 * database API prints them: times as PostgreSQL writes them, int8 as a number while it is a safe one.
 */
export async function openPostgres(dir: string): Promise<PGlite> {
  return PGlite.create({
    ...(await shared()),
    dataDir: dir,
    username: 'supabase_admin',
    postgresqlconf: smallMemory,
    parsers,
    startParams: [...PGlite.defaultStartParams, '-c', searchPath],
  });
}

const asText = (text: string): string => text;
const parsers = {
  [types.INT8]: (text: string): number | string => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
  [types.DATE]: asText,
  [types.TIMESTAMP]: asText,
  [types.TIMESTAMPTZ]: asText,
  [types.BYTEA]: asText,
};

let parts: Promise<{ pgliteWasmModule: WebAssembly.Module; fsBundle: Blob }> | undefined;

/** Compiling the module and reading the bundle once saves 300 ms for each further instance of the process. */
async function shared() {
  parts ??= loadParts();
  return { ...(await parts), extensions: { pgcrypto, uuid_ossp } };
}

async function loadParts(): Promise<{ pgliteWasmModule: WebAssembly.Module; fsBundle: Blob }> {
  const [wasm, bundle] = await Promise.all(
    ['pglite.wasm', 'pglite.data'].map((file) => readFile(join(packageDir, file))),
  );
  if (wasm === undefined || bundle === undefined) throw new Error(`${packageDir} is incomplete`);
  return { pgliteWasmModule: await WebAssembly.compile(wasm), fsBundle: new Blob([bundle]) };
}

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Keeps one JSON value in a folder. */
export interface Store {
  /** Writes what `collect` gives now; when it resolves, a SIGKILL can no longer lose it. */
  save(): Promise<void>;
}

/** What the folder held, `undefined` for a new one. Throws when the file is not JSON: nobody but us writes it. */
export async function readState(dir: string): Promise<unknown> {
  const path = join(dir, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is not the state of a local cloud.`, { cause });
  }
}

/**
 * Saves are whole (a temporary file, then a rename) and shared: while one is being written, everybody who asks gets
 * the next one, which starts later and so holds what each of them has done.
 */
export async function createStore(dir: string, collect: () => unknown): Promise<Store> {
  await mkdir(dir, { recursive: true });
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    next = undefined;
    await writeWhole(dir, JSON.stringify(collect()));
  };
  return {
    save() {
      if (next === undefined) {
        next = running.then(write, write);
        running = next;
      }
      return next;
    },
  };
}

const FILE = 'state.json';

async function writeWhole(dir: string, text: string): Promise<void> {
  const temporary = join(dir, `${FILE}.${process.pid}.tmp`);
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, join(dir, FILE));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { type GitOptions, type GitOutcome, runGit } from './process.ts';
import { type GitObject, ObjectReader } from './reader.ts';

const compress = promisify(deflate);

/** One bare repository on disk. */
export class Git {
  readonly dir: string;
  readonly #reader: ObjectReader;

  constructor(dir: string) {
    this.dir = dir;
    this.#reader = new ObjectReader(dir);
  }

  run(args: readonly string[], options?: GitOptions): Promise<GitOutcome> {
    return runGit(this.dir, args, options);
  }

  async text(args: readonly string[], options?: GitOptions): Promise<string> {
    return (await this.run(args, options)).stdout.toString();
  }

  /** By sha, by full ref, or `<sha>^{commit}`. Never hand in what a client sent without `isRefName`. */
  object(name: string): Promise<GitObject | undefined> {
    return this.#reader.read(name);
  }

  /** Writes a loose object, as `git hash-object -w` does, without a process. */
  async writeBlob(content: Buffer): Promise<string> {
    const whole = Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]);
    const sha = createHash('sha1').update(whole).digest('hex');
    const folder = join(this.dir, 'objects', sha.slice(0, 2));
    const path = join(folder, sha.slice(2));
    if (await exists(path)) return sha;
    await mkdir(folder, { recursive: true });
    const temporary = join(folder, `tmp_obj_${randomBytes(6).toString('hex')}`);
    await writeFile(temporary, await compress(whole), { mode: 0o444 });
    await rename(temporary, path);
    return sha;
  }

  /** Runs `work` with an index of its own. */
  async withIndex<T>(work: (env: Record<string, string>) => Promise<T>): Promise<T> {
    const index = join(this.dir, `index-${randomBytes(6).toString('hex')}`);
    try {
      return await work({ GIT_INDEX_FILE: index });
    } finally {
      await rm(index, { force: true });
    }
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

/** Makes an empty bare repository whose default branch is `branch`. */
export async function initRepository(dir: string, branch: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await runGit(dir, ['init', '--quiet', '--bare', `--initial-branch=${branch}`, dir]);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { type GitOptions, type GitOutcome, runGit } from './process.ts';
import { type GitObject, ObjectReader, type ObjectType } from './reader.ts';

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

  writeBlob(content: Buffer): Promise<string> {
    return this.writeObject('blob', content);
  }

  /** Writes a loose object, as `git hash-object -w` does, without a process. The content must be well-formed. */
  async writeObject(type: ObjectType, content: Buffer): Promise<string> {
    const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
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

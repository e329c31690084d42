import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { fixed } from './fixed.ts';
import { readLooseObject } from './loose-objects.ts';
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

  /** The same for a question about these objects and nothing else: asked once, if they are named in full. */
  fixed(args: readonly string[], names: readonly string[], options?: GitOptions): Promise<GitOutcome> {
    return fixed(args, names, () => this.run(args, options));
  }

  async fixedText(args: readonly string[], names: readonly string[]): Promise<string> {
    return (await this.fixed(args, names)).stdout.toString();
  }

  /** By sha, by full ref, or `<sha>^{commit}`. Never hand in what a client sent without `isRefName`. */
  async object(name: string): Promise<GitObject | undefined> {
    const found = readLooseObject(this.dir, name);
    if (found === 'unknown') return this.#reader.read(name);
    return found === 'absent' ? undefined : found;
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

/** The settings that `git init --bare` writes, https://git-scm.com/docs/gitrepository-layout */
const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

/** Makes an empty bare repository whose default branch is `branch`: a few files, for which no process is needed. */
export async function initRepository(dir: string, branch: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    await mkdir(join(dir, folder), { recursive: true });
  }
  await writeFile(join(dir, 'config'), CONFIG);
  await writeFile(join(dir, 'HEAD'), `ref: refs/heads/${branch}\n`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

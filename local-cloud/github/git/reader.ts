import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { gitEnvironment } from './process.ts';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface GitObject {
  readonly sha: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

interface Waiting {
  resolve(object: GitObject | undefined): void;
  reject(error: Error): void;
}

/**
 * Reads objects through one `git cat-file --batch` that stays open: a read costs no new process. Answers come in the
 * order of the questions.
 */
export class ObjectReader {
  readonly #dir: string;
  #child: ChildProcessWithoutNullStreams | undefined;
  #waiting: Waiting[] = [];
  #buffer: Buffer = Buffer.alloc(0);

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** What `name` (an object, a full ref, `<commit>:<path>`) stands for now; undefined when nothing does. */
  read(name: string): Promise<GitObject | undefined> {
    if (/[\n\r\0]/.test(name)) return Promise.resolve(undefined);
    const child = this.#start();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      hold(child, true);
      child.stdin.write(`${name}\n`);
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    hold(child, true);
    await new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.stdin.end();
    });
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#child !== undefined) return this.#child;
    const child = spawn('git', ['cat-file', '--batch'], { env: gitEnvironment(this.#dir), stdio: 'pipe' });
    child.stdout.on('data', (chunk: Buffer) => this.#take(child, chunk));
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => this.#fail(child, cause));
    child.on('close', () => this.#fail(child, new Error(`git cat-file ended in ${this.#dir}.`)));
    this.#child = child;
    return child;
  }

  #fail(child: ChildProcessWithoutNullStreams, error: Error): void {
    if (this.#child === child) this.#child = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#buffer = Buffer.alloc(0);
  }

  #take(child: ChildProcessWithoutNullStreams, chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (let answer = cut(this.#buffer); answer !== undefined; answer = cut(this.#buffer)) {
      this.#buffer = this.#buffer.subarray(answer.length);
      this.#waiting.shift()?.resolve(answer.object);
    }
    if (this.#waiting.length === 0) hold(child, false);
  }
}

/** The first whole answer in `buffer`: `<sha> <type> <size>` and the content, or `<name> missing`. */
function cut(buffer: Buffer): { length: number; object: GitObject | undefined } | undefined {
  const end = buffer.indexOf(10);
  if (end < 0) return undefined;
  const head = buffer.subarray(0, end).toString();
  const [, sha, type, size] = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/.exec(head) ?? [];
  if (sha === undefined || !isType(type)) return { length: end + 1, object: undefined };
  const stop = end + 1 + Number(size);
  if (buffer.length <= stop) return undefined;
  return { length: stop + 1, object: { sha, type, content: Buffer.from(buffer.subarray(end + 1, stop)) } };
}

function isType(type: string | undefined): type is ObjectType {
  return type === 'blob' || type === 'tree' || type === 'commit' || type === 'tag';
}

/** An idle reader must not keep the process alive. */
function hold(child: ChildProcessWithoutNullStreams, busy: boolean): void {
  for (const one of [child, child.stdin, child.stdout, child.stderr]) {
    if (one !== child && !(one instanceof Socket)) continue;
    const handle: { ref(): unknown; unref(): unknown } = one;
    if (busy) handle.ref();
    else handle.unref();
  }
}

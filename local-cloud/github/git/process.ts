import { spawn } from 'node:child_process';
import { devNull } from 'node:os';

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that mean an answer, not a failure; only 0 unless told. */
  readonly accept?: readonly number[];
}

export interface GitOutcome {
  readonly code: number;
  readonly stdout: Buffer;
}

/** Git said no. `stderr` tells why. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly stderr: string;

  constructor(args: readonly string[], code: number | null, stderr: string) {
    super(`git ${args.join(' ')} ended with ${code}: ${stderr.trim()}`);
    this.stderr = stderr;
  }
}

/** Nobody's settings but ours: the same commits on every machine, and no hook, pager or prompt of the user. */
export function gitEnvironment(dir: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    GIT_DIR: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
    // A collection in the background would outlive the command that started it, and the folder of a test.
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'gc.auto',
    GIT_CONFIG_VALUE_0: '0',
    GIT_CONFIG_KEY_1: 'maintenance.auto',
    GIT_CONFIG_VALUE_1: 'false',
  };
}

/** Runs one git command in the bare repository `dir`. Rejects with a GitError, or when there is no git. */
export function runGit(dir: string, args: readonly string[], options: GitOptions = {}): Promise<GitOutcome> {
  const { input, env = {}, accept = [0] } = options;
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { env: { ...gitEnvironment(dir), ...env }, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (cause) => reject(new Error('The local forge needs git 2.38 or later in PATH.', { cause })));
    // Git may end before it has read everything: its exit code says why, a broken pipe says nothing.
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => {
      if (code !== null && accept.includes(code)) resolve({ code, stdout: Buffer.concat(out) });
      else reject(new GitError(args, code, Buffer.concat(err).toString()));
    });
    child.stdin.end(input);
  });
}

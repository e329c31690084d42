import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

/** What one process took, from its start to its end. */
export interface Used {
  readonly wallMs: number;
  /** Of all its threads, in user and system mode. */
  readonly cpuMs: number;
  /** The most memory it ever held, in MB. */
  readonly peakMb: number;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Asks the system in the process's last moment; plain JavaScript, for it is loaded before the program. */
const PROBE = `data:text/javascript,${encodeURIComponent(`
import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.BENCH_USAGE, JSON.stringify(process.resourceUsage())));
`)}`;

const usage = z.object({ userCPUTime: z.number(), systemCPUTime: z.number(), maxRSS: z.number() });

/** Runs a program of Node's in a process of its own, with nothing in its environment but `variables` and PATH. */
export async function measure(
  program: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Used> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-usage-'));
  const file = join(dir, 'usage.json');
  try {
    const env = { PATH: process.env.PATH, ...variables, BENCH_USAGE: file };
    const ended = await runToEnd(['--import', PROBE, ...program], env);
    const { userCPUTime, systemCPUTime, maxRSS } = usage.parse(JSON.parse(await readFile(file, 'utf8')));
    return { ...ended, cpuMs: (userCPUTime + systemCPUTime) / 1_000, peakMb: (maxRSS * 1_024) / 1_000_000 };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The same without looking inside, for times to which the probe would add. */
export async function runToEnd(program: readonly string[], env: NodeJS.ProcessEnv = { PATH: process.env.PATH }) {
  const began = performance.now();
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { wallMs: performance.now() - began, code, ...said };
}

/** Throws what the program said when it did not end well. */
export function assertDone({ code, stdout, stderr }: Pick<Used, 'code' | 'stdout' | 'stderr'>): void {
  if (code === 0) return;
  throw new Error(`a measured process ended with ${code}:\n${stderr.slice(-2_000)}\n${stdout.slice(-2_000)}`);
}

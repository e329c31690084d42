import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export const VERSION = '3.1.0';

/** How a command of the official CLI ended. */
export interface Ended {
  readonly ok: boolean;
  /** Standard output, then standard error. */
  readonly text: string;
  readonly out: string;
}

/** The official CLI, in a folder of its own that holds `supabase/migrations`. */
export type Tool = (...words: string[]) => Promise<Ended>;

/**
 * Installs npm `supabase` into `cache`, unless it is there. Its binary comes as an optional dependency for this machine,
 * so no install script has to run. Gives the file to start. Throws when the registry cannot be reached.
 */
export async function install(cache: string): Promise<string> {
  const folder = join(cache, `supabase-cli-${VERSION}`);
  const program = join(folder, 'node_modules', 'supabase', 'dist', 'supabase.js');
  if (await isThere(program)) return program;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', `supabase@${VERSION}`];
  await execute('npm', words, { cwd: folder, shell: process.platform === 'win32' }).catch((cause: Error) => {
    throw new Error(`npm could not install supabase@${VERSION}: is the registry in reach? ${cause.message}`, { cause });
  });
  return program;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Longer than any command takes on a busy machine. */
const HANGS_AFTER_MS = 60_000;

/**
 * The CLI in `folder`, told of the emulated vendor. It knows nothing of the person at this machine: no home folder, no
 * key ring, no telemetry.
 */
export async function toolIn(folder: string, program: string, cloud: Readonly<Record<string, string>>): Promise<Tool> {
  const profile = join(folder, 'profile.yaml');
  const api = cloud.SUPABASE_API_URL ?? '';
  await mkdir(join(folder, 'supabase', 'migrations'), { recursive: true });
  await writeFile(
    profile,
    `name: localcloud\napi_url: ${api}\ndashboard_url: ${api}/dashboard\nproject_host: supabase.local\n`,
  );
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    SUPABASE_ACCESS_TOKEN: cloud.SUPABASE_ACCESS_TOKEN,
    SUPABASE_PROFILE: profile,
    SUPABASE_NO_KEYRING: '1',
    SUPABASE_TELEMETRY_DISABLED: '1',
    SUPABASE_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    NO_COLOR: '1',
    CI: '1',
  };
  return (...words) => {
    const options = { cwd: folder, env, timeout: HANGS_AFTER_MS };
    return execute(process.execPath, [program, ...words], options).then(
      ({ stdout, stderr }) => ({ ok: true, out: stdout, text: stdout + stderr }),
      (failed: Partial<{ stdout: string; stderr: string }>) => ({
        ok: false,
        out: failed.stdout ?? '',
        text: (failed.stdout ?? '') + (failed.stderr ?? ''),
      }),
    );
  };
}

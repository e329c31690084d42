import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyring } from '../../action/src/lib/keyring.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { bundleCli } from '../../scripts/bundle.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { leaks } from '../support/canaries.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { instanceOf } from '../support/people.ts';

const PROVISIONER_SECRET = 'canary/"bundle"+secret&<0123456789>%';
const acme = anAgency().with({}, { env: { MAPS_KEY: { secret: 'AGENCY_MAPS_KEY' } } });
const INPUTS = ['SUPABASE_ACCESS_TOKEN', 'VERCEL_TOKEN', 'RESEND_API_KEY', 'PROVISIONER_SECRET', 'AGENCY_MAPS_KEY'];
const DIST = join(import.meta.dirname, '..', '..', 'action', 'dist', 'index.js');

let room: ControlRoom;
let outside: string;
beforeAll(async () => {
  room = await openControlRoom({
    variables: { PROVISIONER_SECRET, AGENCY_MAPS_KEY: 'canary "maps" & <ß> +/=%0' },
    speed: 50,
  });
  await room.write(acme);
  outside = await mkdtemp(join(tmpdir(), 'bundles-'));
});
afterAll(() => rm(outside, { recursive: true, force: true }));

/** A real process with nothing of ours in its environment but `variables`. */
async function start(script: string, args: readonly string[], variables: Record<string, string | undefined>) {
  const env = { PATH: process.env.PATH, HOME: outside, ...variables };
  const child = spawn(process.execPath, [script, ...args], { cwd: outside, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (part) => {
    text += part;
  });
  child.stderr.on('data', (part) => {
    text += part;
  });
  const [code] = await once(child, 'close');
  return { code, text };
}

/** Every secret of the run: handed in, derived, and made by the vendor. */
async function secrets(): Promise<Record<string, string>> {
  const handed = Object.fromEntries(INPUTS.map((name) => [name, room.variables[name] ?? '']));
  const password = keyring(new Secret(PROVISIONER_SECRET)).password(`owner:${acme.uid}:1`).reveal();
  return { ...handed, password, secretKey: (await instanceOf(room, acme.slug)).secretKey };
}

describe('the bundled command line', () => {
  it('brings an agency to Ready as a process of its own, and tells no secret', async () => {
    const cli = await bundleCli(join(outside, 'cli'));
    const { code, text } = await start(cli, ['apply', '--json', '--dir', room.dir], room.variables);
    expect(code, text).toBe(0);
    const last = JSON.parse(text.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ v: 1, type: 'run', result: 'done' });
    expect(leaks(text, await secrets())).toEqual([]);
    expect(leaks(JSON.stringify(await room.files()), await secrets())).toEqual([]);
  });

  it('holds no secret of the machine it was built on', async () => {
    const files = await readdir(join(outside, 'cli'), { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    );
    expect(texts.length).toBeGreaterThan(1);
    expect(leaks(texts.join('\n'), await secrets())).toEqual([]);
  });
});

describe('the action, started as GitHub starts it', () => {
  it('plans over the workspace, tells the outcome, and no secret but to the runner that masks it', async () => {
    const files = ['summary', 'output'].map((name) => join(outside, name));
    await Promise.all(files.map((file) => writeFile(file, '')));
    const [summary = '', output = ''] = files;
    const runner = {
      GITHUB_WORKSPACE: room.dir,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_OUTPUT: output,
      INPUT_COMMAND: 'plan',
      INPUT_AGENCIES: acme.slug,
    };
    const { code, text } = await start(DIST, [], { ...room.variables, ...runner });
    expect(code, text).toBe(0);
    expect(await readFile(output, 'utf8')).toMatch(/result<<[^\n]+\ndone\n/);
    expect(await readFile(summary, 'utf8')).toContain('### Done');
    const masks = text.split('\n').filter((line) => line.startsWith('::add-mask::'));
    expect(masks.length).toBeGreaterThan(INPUTS.length);
    const spoken = text.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    const written = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(leaks([...spoken, ...written].join('\n'), await secrets())).toEqual([]);
  });
});

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { agencyText } from '../action/src/manifest/builders.ts';
import { bundleCli } from './bundle.ts';
import { COMMANDS, runCli } from './cli.ts';
import type { Output } from './commands/command.ts';

const root = join(import.meta.dirname, '..');
let base: string;
let room: string;
let entry: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'cli-'));
  entry = await bundleCli(join(base, 'bundle'));
});
afterAll(() => rm(base, { recursive: true }));
beforeEach(async () => {
  room = await mkdtemp(join(base, 'room-'));
  await mkdir(join(room, 'agencies'));
  await cp(join(root, 'fleet.yaml'), join(room, 'fleet.yaml'));
  await cp(join(root, 'migrations'), join(room, 'migrations'), { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** In this process, with a world made of strings. */
async function cli(
  words: readonly string[],
  variables: Record<string, string> = {},
  screen: Pick<Output, 'isTTY' | 'columns'> = {},
): Promise<Ended> {
  let [out, err] = ['', ''];
  const code = await runCli(words, {
    variables,
    cwd: room,
    signal: new AbortController().signal,
    stdout: {
      ...screen,
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
  });
  return { code, out, err };
}

/** As a process of its own. */
async function child(...words: string[]): Promise<Ended> {
  const env = { PATH: process.env.PATH ?? '' };
  return promisify(execFile)(process.execPath, [entry, ...words], { cwd: room, env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      out: stdout,
      err: stderr,
    }),
  );
}

const VENDORS = {
  SUPABASE_ACCESS_TOKEN: 'sbp_0123456789',
  VERCEL_TOKEN: 'vercel-0123',
  RESEND_API_KEY: 're_0123456789',
  PROVISIONER_SECRET: 'p'.repeat(32),
};

const anAgency = (text = agencyText()) => writeFile(join(room, 'agencies', 'acme-studio.yaml'), text);

test('as a process: good input ends with 0, bad input with 1', async () => {
  await anAgency();
  expect(await child('validate')).toMatchObject({ code: 0, out: 'Done: no problem was found.\n', err: '' });
  await anAgency('nonsense');
  const bad = await child('validate');
  expect(bad.code).toBe(1);
  expect(bad.out).toMatch(/^agencies\/acme-studio\.yaml:1:1 .* — .*\nFailed: agencies\/acme-studio\.yaml:1:1/);
  expect(await child('aply')).toMatchObject({ code: 1, err: expect.stringContaining('did you mean apply?') });
});

test('as a process: an apply without an environment names all that is missing and writes nothing', async () => {
  await anAgency();
  const { code, err } = await child('apply');
  expect(code).toBe(1);
  for (const name of ['SUPABASE_ACCESS_TOKEN', 'VERCEL_TOKEN', 'RESEND_API_KEY', 'PROVISIONER_SECRET']) {
    expect(err).toContain(`${name} is not set`);
  }
  expect(await readdir(room)).toEqual(['agencies', 'fleet.yaml', 'migrations']);
});

test('as a process: the first SIGINT ends an apply in order, as waiting', async () => {
  await anAgency();
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const env = {
    PATH: process.env.PATH ?? '',
    SUPABASE_ACCESS_TOKEN: 'sbp_0123456789',
    VERCEL_TOKEN: 'vercel-token-1',
    RESEND_API_KEY: 're_key_123456',
    PROVISIONER_SECRET: 'p'.repeat(32),
    SUPABASE_API_URL: url,
    VERCEL_API_URL: url,
    GITHUB_API_URL: url,
  };
  const apply = spawn(process.execPath, [entry, 'apply'], { cwd: room, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [apply.stdout, apply.stderr]) stream.on('data', (part) => (said += part));
  await once(silent, 'request');
  apply.kill('SIGINT');
  const [code] = await once(apply, 'exit');
  silent.closeAllConnections();
  silent.close();
  expect(code).toBe(1);
  expect(said).toContain('Stopping; what is done is recorded.');
  expect(said).toMatch(/Waiting: .*Run it again/);
});

test('help lists every command, and tells about one', async () => {
  const { code, out } = await cli([]);
  expect(code).toBe(0);
  for (const { name } of COMMANDS) expect(out).toContain(`  ${name} `);
  expect((await cli(['new', '--help'])).out).toContain('--owner');
  expect((await cli(['help', 'explain'])).out).toContain('explain <slug>');
});

test.each([
  [['plan', '--jsn'], 'plan takes no --jsn; did you mean --json?'],
  [['plan', '--nonsense'], 'plan takes no --nonsense'],
  [['validate', 'extra'], 'usage: provision validate'],
  [['explain'], 'usage: provision explain <slug>'],
  [['validate', '--dir'], 'argument missing'],
  [['nothing-like-it'], 'there is no command "nothing-like-it"'],
  [['mail', 'send', 'acme-studio'], 'mail takes resend, not "send"'],
  [['cloud'], '--dir is missing'],
  [['cloud', '--dir', 'x', '--port', 'many'], '--port must be a number from 0 to 65535, not "many"'],
  [['apply', '--record', 'paper'], '--record takes tree or commit, not "paper"'],
  [['new', 'acme-studio'], '--name is missing'],
  [['plan', 'acme-studio', '--all'], 'slugs and --all do not go together: give one of them'],
  [['apply', '--all', '--failed'], '--all and --failed do not go together'],
  [['apply', '--failed', 'acme-studio'], 'slugs and --failed do not go together'],
])('%j is refused: %s', async (words, reason) => {
  const { code, err, out } = await cli(words);
  expect(code).toBe(1);
  expect(err).toContain(reason);
  expect(err).toContain('help');
  expect(out).toBe('');
});

test('--record commit needs a repository to record in', async () => {
  const { code, err } = await cli(['apply', '--record', 'commit'], VENDORS);
  expect(code).toBe(1);
  expect(err).toContain('GITHUB_REPOSITORY is not set');
});

test('with --json even an environment that is missing is one event of type run', async () => {
  const { code, out, err } = await cli(['plan', '--json']);
  expect([code, err]).toEqual([1, '']);
  expect(JSON.parse(out)).toMatchObject({ v: 1, type: 'run', result: 'blocked', error: { class: 'blocked' } });
});

test('with --json every problem is an event, and the last one is the run', async () => {
  await anAgency('nonsense');
  const { code, out } = await cli(['validate', '--json']);
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(1);
  expect(events[0]).toMatchObject({ v: 1, type: 'problem', file: 'agencies/acme-studio.yaml', line: 1 });
  expect(events.at(-1)).toMatchObject({ v: 1, type: 'run', result: 'failed', message: '1 validated', agencies: 1 });
});

test('a fleet of another repository is refused', async () => {
  const { code, out } = await cli(['validate'], { GITHUB_REPOSITORY: 'somebody/else' });
  expect(code).toBe(1);
  expect(out).toContain('fleet.yaml');
  expect(out).toContain('somebody/else');
});

test('a folder without a fleet names --dir', async () => {
  const { code, out } = await cli(['validate', '--dir', base]);
  expect(code).toBe(1);
  expect(out).toContain('there is no fleet.yaml');
  expect(out).toContain('--dir');
});

test('new writes a manifest that validates, and never over another', async () => {
  const words = ['--name', 'Acme "Studio" & Co', '--owner', 'Owner@acme.example', '--ref', 'v1.3.0'];
  const made = await cli(['new', 'acme-studio', ...words]);
  expect(made).toMatchObject({ code: 0, out: expect.stringContaining('agencies/acme-studio.yaml written') });
  expect(await cli(['validate'])).toMatchObject({ code: 0 });
  const text = await readFile(join(room, 'agencies', 'acme-studio.yaml'), 'utf8');
  expect(text).toContain('ref: v1.3.0');
  expect(text).toMatch(/uid: "?[a-z0-9]{8}"?\n/);
  expect(await cli(['new', 'acme-studio', ...words])).toMatchObject({
    code: 1,
    err: expect.stringContaining('exists already'),
  });
  expect(await readFile(join(room, 'agencies', 'acme-studio.yaml'), 'utf8')).toBe(text);
});

test('new tells everything that is wrong at once and writes nothing', async () => {
  const { code, err } = await cli(['new', 'Bad_Slug', '--name', 'x', '--owner', 'nope', '--region', 'mars']);
  expect(code).toBe(1);
  for (const part of ['Bad_Slug', 'nope', 'mars']) expect(err).toContain(part);
  expect(await readdir(join(room, 'agencies'))).toEqual([]);
});

test('new offers a slug to whoever typed a name', async () => {
  await anAgency();
  const words = ['--name', 'Acme Studio', '--owner', 'owner@acme.example'];
  expect((await cli(['new', 'Acme Büro & Söhne', ...words])).err).toContain(
    ' A slug that would do: acme-buro-and-sohne.',
  );
  expect((await cli(['new', 'Acme Studio', ...words])).err).toContain(' A slug that would do: acme-studio-2.');
});

test('status and explain need neither network nor secrets', async () => {
  await anAgency();
  expect((await cli(['status'])).out).toContain('apply: it was never completed');
  expect((await cli(['explain', 'acme-studio'])).out).toContain('supabase.owner is not there yet');
  const lines = (await cli(['status', '--json'])).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ v: 1, type: 'status', agency: 'acme-studio', due: 'it was never completed' });
  expect(lines.at(-1)).toMatchObject({ type: 'run', result: 'done' });
});

const NO_SUCH = { message: 'there is no agencies/acme-studi.yaml', remedy: 'Did you mean acme-studio?' };

test.each([
  [['plan', 'acme-studi']],
  [['apply', 'acme-studi']],
  [['drift', 'acme-studi']],
  [['status', 'acme-studi']],
  [['explain', 'acme-studi']],
  [['mail', 'resend', 'acme-studi']],
])('%j is answered in the same words for a slug that is misspelt', async (words) => {
  await anAgency();
  const { code, out } = await cli([...words, '--json'], VENDORS);
  expect(code).toBe(1);
  expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'run', error: NO_SUCH });
});

test('a slug that is like none is answered with those that exist', async () => {
  await anAgency();
  expect((await cli(['status', 'nobody', 'acme-studio'])).err).toBe(
    'Failed: there is no agencies/nobody.yaml\nNext: Name agencies that exist: acme-studio.\n',
  );
});

test('status shows the agencies that are named', async () => {
  await anAgency();
  await writeFile(join(room, 'agencies', 'beta.yaml'), 'nonsense');
  const { out } = await cli(['status', 'acme-studio']);
  expect(out).toContain('acme-studio');
  expect(out).not.toContain('beta');
});

test('status is cut to the width of a terminal, and to none that is not there', async () => {
  await anAgency(agencyText().replace('spec:', `spec:\n  ${'nonsense'.repeat(30)}: 1`));
  const piped = (await cli(['status'])).out.split('\n');
  expect(Math.max(...piped.map((line) => line.length))).toBeGreaterThan(250);
  expect(piped.join('\n')).not.toContain('…\n');
  const shown = (await cli(['status'], {}, { isTTY: true, columns: 80 })).out.split('\n');
  expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('the next command looks into the folder that this one was given', async () => {
  await anAgency();
  const elsewhere = `--dir '${room}/it'\\''s here'`;
  await cp(join(room), join(base, 'copy'), { recursive: true });
  await rename(join(base, 'copy'), join(room, "it's here"));
  const there = ['--dir', join(room, "it's here")];
  const made = await cli(['new', 'beta', '--name', 'Beta', '--owner', 'owner@beta.example', ...there]);
  expect(made.out).toContain(`npm run provision -- plan beta ${elsewhere}\n`);
  expect((await cli(['explain', 'acme-studio', ...there])).out).toContain(
    `npm run provision -- apply acme-studio ${elsewhere}\n`,
  );
  expect((await cli(['explain', 'acme-studio', '--dir', room])).out).toContain(`apply acme-studio --dir ${room}\n`);
  expect((await cli(['explain', 'acme-studio'])).out).toContain('npm run provision -- apply acme-studio\n');
});

test('a broken manifest still shows in status', async () => {
  await anAgency('nonsense');
  const { code, out } = await cli(['status']);
  expect(code).toBe(0);
  expect(out).toContain('mend the manifest: agencies/acme-studio.yaml:1:1');
});

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agencyText, aStatus, fleetText } from '../../action/src/manifest/builders.ts';
import { spliceStatus } from '../../action/src/manifest/status.ts';
import { runCli } from '../cli.ts';

const FILE = 'agencies/acme-studio.yaml';
const resources = {
  'supabase.project': {
    id: 'abcdefghijklmnopqrst',
    region: 'us-east-1',
    uid: 'acme1234',
    name: 'pf-acme-studio-acme1234',
  },
};
const live = spliceStatus(agencyText(), aStatus({ resources }));
const lineOf = (text: string, key: string) => text.slice(0, text.indexOf(key)).split('\n').length;

let room: string;

beforeEach(async () => {
  room = await realpath(await mkdtemp(join(tmpdir(), 'change-')));
  await mkdir(join(room, 'agencies'));
  await put('fleet.yaml', fleetText);
  await put(FILE, live);
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'live');
  git('checkout', '--quiet', '-b', 'change');
});
afterEach(() => rm(room, { recursive: true }));

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', room, ...identity, ...args], { encoding: 'utf8' }).trim();
}

const put = (file: string, text: string) => writeFile(join(room, file), text);
const edit = async (file: string, from: string, to: string) =>
  put(file, (await readFile(join(room, file), 'utf8')).replace(from, to));

async function cli(...words: string[]) {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const signal = new AbortController().signal;
  const code = await runCli(words, { variables: {}, cwd: room, signal, stdout: { write }, stderr: { write } });
  return { code, said };
}

/** What validate says of the change, and that without a base it would have said nothing. */
async function refusal(): Promise<string> {
  expect(await cli('validate')).toMatchObject({ code: 0 });
  const { code, said } = await cli('validate', '--base', 'main');
  expect(code).toBe(1);
  return said;
}

describe('validate --base', () => {
  it('takes a change of the wish', async () => {
    await edit(FILE, 'Acme Studio', 'Acme Studio & Sons');
    await put('agencies/beta-studio.yaml', agencyText('beta-studio', 'beta1234'));
    expect(await cli('validate', '--base', 'main')).toMatchObject({ code: 0 });
  });

  it('refuses a status that somebody edited', async () => {
    await edit(FILE, 'abcdefghijklmnopqrst', 'tsrqponmlkjihgfedcba');
    expect(await refusal()).toContain(
      `${FILE}:${lineOf(live, 'status:')}:1 status: it was edited by hand — restore the status block as it is on the main branch`,
    );
  });

  it('refuses a status in a new file, also when it is not committed', async () => {
    const status = aStatus({ resources: { 'vercel.project': { id: 'prj_1' } } });
    await put('agencies/beta-studio.yaml', spliceStatus(agencyText('beta-studio', 'beta1234'), status));
    expect(await refusal()).toContain(
      'agencies/beta-studio.yaml:12:1 status: a new file carries no status — remove the status block',
    );
  });

  it('refuses another uid, before anything was created too', async () => {
    await put(FILE, agencyText());
    git('commit', '--quiet', '--all', '--message', 'not live yet');
    const base = git('rev-parse', 'HEAD');
    await edit(FILE, 'acme1234', 'other567');
    expect(await cli('validate')).toMatchObject({ code: 0 });
    const { code, said } = await cli('validate', '--base', base);
    expect(code).toBe(1);
    expect(said).toContain(
      `${FILE}:6:8 metadata.uid: "other567" was "acme1234", and never changes — go back to acme1234`,
    );
  });

  it('refuses to delete a file while something of it exists', async () => {
    await rm(join(room, FILE));
    expect(await refusal()).toContain(
      `${FILE}:1:1 the file was deleted, and its inventory still holds supabase.project — restore the file`,
    );
  });

  it('refuses to rename an agency', async () => {
    await rename(join(room, FILE), join(room, 'agencies/acme.yaml'));
    await edit('agencies/acme.yaml', 'name: acme-studio', 'name: acme');
    const { code, said } = await cli('validate', '--base', 'main');
    expect(code).toBe(1);
    expect(said).toContain(`${FILE}:1:1 the file was renamed to agencies/acme.yaml`);
    expect(said).toMatch(/agencies\/acme\.yaml:\d+:1 status: a new file carries no status/);
    expect(said).toContain('agencies/acme.yaml:5:9 metadata.name: its things are called "pf-acme-studio-acme1234"');
  });

  it('refuses another prefix without a base already, because the name is recorded', async () => {
    await edit('fleet.yaml', 'namePrefix: pf', 'namePrefix: agency');
    const { code, said } = await cli('validate');
    expect(code).toBe(1);
    expect(said).toContain(`${FILE}:5:9 metadata.name: its things are called "pf-acme-studio-acme1234"`);
    expect(said).toContain('go back to namePrefix: pf in fleet.yaml');
  });

  it.each([
    [['--base', 'origin/main'], 'git knows no revision "origin/main"'],
    [['--base', '--all'], "'--base' argument is ambiguous"],
    [['--base=--all'], '"--all" is no revision'],
    [['--base', ''], '--base is empty'],
  ])('does not go on with %j', async (words, reason) => {
    const { code, said } = await cli('validate', ...words);
    expect(code).toBe(1);
    expect(said).toContain(reason);
  });

  it('says so where there is no repository', async () => {
    await rm(join(room, '.git'), { recursive: true });
    const { code, said } = await cli('validate', '--base', 'main');
    expect(code).toBe(1);
    expect(said).toContain('git cannot read what');
    expect(said).toContain('leave --base out');
  });

  it('tells programs which agency a deleted file belongs to', async () => {
    await rm(join(room, FILE));
    const { said } = await cli('validate', '--base', 'main', '--json');
    expect(JSON.parse(said.split('\n')[0] ?? '')).toMatchObject({ type: 'problem', agency: 'acme-studio', file: FILE });
  });
});

describe('apply', () => {
  it('takes no base: the provisioner itself writes status in a working tree', async () => {
    expect(await cli('apply', '--base', 'main')).toMatchObject({
      code: 1,
      said: expect.stringContaining('apply takes no --base'),
    });
  });
});

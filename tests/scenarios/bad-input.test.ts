import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../scripts/cli.ts';
import { anAgency, fleetText } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';

const acme = anAgency();
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
  await room.write(acme);
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command line over the control room, in this process; waiting takes a thousandth of its time. */
async function provision(argv: readonly string[], over: Record<string, string | undefined> = {}): Promise<Said> {
  let [out, err] = ['', ''];
  const code = await runCli(argv, {
    variables: { ...room.variables, PROVISIONER_TIME_SCALE: '0.001', ...over },
    cwd: room.dir,
    signal: new AbortController().signal,
    stdout: {
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

/** The refusal of a command, with nothing done: no file changed, nothing sent that could change anything. */
async function refusal(argv: readonly string[], over: Record<string, string | undefined> = {}): Promise<string> {
  const before = await room.files();
  room.forget();
  const { code, out, err } = await provision(argv, over);
  expect(code, `${out}${err}`).toBe(1);
  expect(room.writes()).toEqual([]);
  expect(await room.files()).toEqual(before);
  return `${out}${err}`;
}

/** The line that a person reads first. */
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? '';
const wrong = (token: string | undefined = '') => token.replace(/[0-9a-zA-Z]$/, (end) => (end === 'a' ? 'b' : 'a'));

describe('credentials', () => {
  const NEEDED = ['SUPABASE_ACCESS_TOKEN', 'VERCEL_TOKEN', 'RESEND_API_KEY', 'PROVISIONER_SECRET'];

  it.each(['plan', 'apply'])('names everything that %s misses, at once and with where to get it', async (command) => {
    const said = await refusal([command], Object.fromEntries(NEEDED.map((name) => [name, undefined])));
    expect(said.split('\n')[0]).toMatch(/^Blocked: the environment is not complete: /);
    for (const name of NEEDED) {
      expect(said.split('\n')[0]).toContain(`${name} is not set`);
      expect(said).toMatch(new RegExp(`${name}: .+(https://|openssl rand)`));
    }
  });

  it('takes an empty variable for a missing one, and shows no value of a bad one', async () => {
    const said = await refusal(['apply'], { VERCEL_TOKEN: '', PROVISIONER_SECRET: 'too-short-canary' });
    expect(said).toContain('VERCEL_TOKEN is not set; PROVISIONER_SECRET is shorter than 32 characters');
    expect(said).not.toContain('canary');
  });

  it.each([
    ['SUPABASE_ACCESS_TOKEN', 'HTTP 401'],
    ['VERCEL_TOKEN', 'HTTP 403'],
    ['GITHUB_TOKEN', 'HTTP 401'],
  ])('names %s when it is wrong', async (name, status) => {
    for (const argv of [['plan'], ['apply', acme.slug]]) {
      const said = await refusal(argv, { [name]: wrong(room.variables[name]) });
      expect(said).toContain(name);
      expect(said).toContain(status);
      expect(said).not.toContain(wrong(room.variables[name]));
    }
  });

  it('does everything but mail with a wrong RESEND_API_KEY, which no vendor would have told before', async () => {
    const beta = anAgency('beta-works');
    await room.write(beta);
    const { code, out } = await provision(['apply', beta.slug], {
      RESEND_API_KEY: wrong(room.variables.RESEND_API_KEY),
    });
    expect(code).toBe(1);
    expect(out).toContain('Check RESEND_API_KEY: it is wrong');
    expect((await room.status(beta.slug)).conditions.map(({ type, status }) => [type, status])).toEqual([
      ['Ready', 'True'],
      ['Notified', 'False'],
      ['Stalled', 'True'],
    ]);
    expect((await room.state()).mails).toEqual([]);
    await room.remove(beta.file);
  });

  it('says so as an event, too', async () => {
    const before = await room.files();
    const { code, out } = await provision(['apply', '--json'], { VERCEL_TOKEN: undefined });
    expect(code).toBe(1);
    expect(JSON.parse(lastLine(out))).toMatchObject({
      v: 1,
      type: 'run',
      result: 'blocked',
      error: { class: 'blocked', message: expect.stringContaining('VERCEL_TOKEN is not set') },
    });
    expect(await room.files()).toEqual(before);
  });
});

describe('vendors that cannot be reached', () => {
  it.each([
    ['GITHUB_API_URL', 'github'],
    ['SUPABASE_API_URL', 'supabase'],
    ['VERCEL_API_URL', 'vercel'],
  ])('names the host of %s, and that it is for later', async (name, vendor) => {
    room.intercept(({ to }) => {
      if (to !== 'nobody') return undefined;
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' }),
      });
    });
    const said = await refusal(['plan', acme.slug], { [name]: `${room.cloud.origin}/nobody` });
    room.intercept();
    expect(said).toContain(vendor);
    expect(said).toContain('got no answer: fetch failed: connect ECONNREFUSED');
    expect(said).toContain(`Check that ${new URL(room.cloud.origin).host} can be reached from here`);
  });
});

describe('what all agencies share', () => {
  const withFleet = async (text: string, argv: readonly string[], over = {}) => {
    const good = await room.read('fleet.yaml');
    await room.put('fleet.yaml', text);
    const said = await refusal(argv, over);
    await room.put('fleet.yaml', good);
    return said;
  };

  it.each([['validate'], ['plan'], ['apply']])('stops %s in the repository of somebody else', async (command) => {
    const said = await refusal([command], { GITHUB_REPOSITORY: 'somebody/fork' });
    expect(said).toContain('this fleet belongs to example/agency-control-room, and the run is in somebody/fork');
    expect(room.sent()).toEqual([]);
  });

  it.each([
    ['is empty', '', 'fleet.yaml:1:1'],
    ['is no YAML', 'spec: [', 'fleet.yaml:1:'],
    ['has a key twice', 'kind: Fleet\nkind: Fleet\n', 'fleet.yaml:2:1'],
    ['lacks almost everything', 'apiVersion: provisioner/v1\nkind: Fleet\nspec: {}\n', 'spec.repository'],
    ['has an unknown key', (variables: object) => fleetText({ ...variables }, { colour: 'red' }), 'colour'],
  ])('stops all when fleet.yaml %s', async (_, text, place) => {
    const said = await withFleet(typeof text === 'string' ? text : text(room.variables), ['apply']);
    expect(said).toContain(place);
    expect(lastLine(said)).toMatch(/^Failed: fleet\.yaml:\d+:\d+ /);
    expect(room.sent()).toEqual([]);
  });

  it('stops all when a migration cannot be one', async () => {
    await room.put('migrations/agency/20990101000000_x.sql', 'begin; select 1; commit;\n');
    const said = await refusal(['apply']);
    await room.remove('migrations/agency/20990101000000_x.sql');
    expect(said).toMatch(/20990101000000_x\.sql:1:1 BEGIN in a migration/);
    expect(room.sent()).toEqual([]);
  });

  it('says where a control room should be', async () => {
    const said = await refusal(['apply', '--dir', 'agencies']);
    expect(said).toContain(`there is no fleet.yaml in ${join(room.dir, 'agencies')}`);
    expect(said).toContain('--dir');
    expect((await readdir(join(room.dir, 'agencies'))).sort()).toEqual(['acme-studio.yaml']);
  });

  it('stops before it creates a crowd', async () => {
    const text = fleetText(room.variables, { policy: { maxCreatesPerRun: 1 } });
    const other = anAgency('gamma-labs');
    await room.write(other);
    const said = await withFleet(text, ['apply']);
    await room.remove(other.file);
    expect(said).toContain('this run would create 2 agencies, and fleet.yaml allows 1 in one run');
    expect(said).toContain('spec.policy.maxCreatesPerRun');
  });
});

describe('what was typed', () => {
  it.each([
    ['an unknown slug', ['apply', 'acme-studoi'], 'there is no agencies/acme-studoi.yaml'],
    ['an unknown slug beside a good one', ['plan', 'acme-studio', 'nobody'], 'there is no agencies/nobody.yaml'],
    ['a path for a slug', ['apply', '../acme-studio'], 'there is no agencies/../acme-studio.yaml'],
    ['an unknown command', ['aply'], 'did you mean apply?'],
    ['an unknown option', ['apply', '--jsno'], 'did you mean --json?'],
    ['to record by commits without a repository', ['apply', '--record', 'commit'], 'GITHUB_REPOSITORY is not set'],
  ])('refuses %s', async (_, argv, because) => {
    expect(await refusal(argv)).toContain(because);
  });

  it('says first what is wrong with the agency that was named', async () => {
    const broken = ['agencies/able.yaml', 'agencies/zulu.yaml'];
    for (const file of broken) await room.put(file, 'nonsense');
    const said = await refusal(['plan', 'zulu']);
    for (const file of broken) await room.remove(file);
    expect(lastLine(said)).toMatch(/^Failed: agencies\/zulu\.yaml:1:1 .* \(and 1 more problem\)$/);
  });

  it('names agencies that exist', async () => {
    expect(await refusal(['apply', 'nobody'])).toContain('acme-studio');
  });
});

describe('with nothing to look at', () => {
  it('says why an agency that was named is not looked at for drift', async () => {
    const { code, out } = await provision(['drift', acme.slug]);
    expect(out).toContain(`${acme.slug}: it was not looked at: it is due, because `);
    expect([code, lastLine(out)]).toEqual([
      0,
      'Done: nothing was looked at; only agencies that are not due can drift.',
    ]);
  });

  it('says that no agency went wrong, when those are asked for', async () => {
    const fresh = anAgency('fresh-start');
    const kept = await room.read(acme.file);
    await room.write(fresh);
    await room.remove(acme.file);
    const { code, out } = await provision(['apply', '--failed']);
    await room.put(acme.file, kept);
    await room.remove(fresh.file);
    expect([code, lastLine(out)]).toEqual([0, 'Done: no agency went wrong the last time.']);
  });
});

describe('a remedy', () => {
  it('looks into the folder that the command was given', async () => {
    const { code, err } = await provision(['mail', 'resend', acme.slug, '--dir', room.dir]);
    expect([code, err]).toEqual([1, expect.stringContaining(`apply ${acme.slug} --dir ${room.dir}: it sends`)]);
  });
});

describe('the process itself', () => {
  it('ends with 1 and a first line that says why, and writes nothing', async () => {
    const before = await room.files();
    const entry = join(import.meta.dirname, '..', '..', 'scripts', 'provision.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', entry, 'apply'], {
      cwd: join(import.meta.dirname, '..', '..'),
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      err += part;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(err.split('\n')[0]).toMatch(/^Blocked: the environment is not complete: SUPABASE_ACCESS_TOKEN is not set/);
    expect(await room.files()).toEqual(before);
  });
});

describe('with all of it put right', () => {
  it('has left nothing behind that is in the way', async () => {
    const { projects, vercelProjects, mails } = await room.state();
    const left = [...projects, ...vercelProjects].filter(({ name }) => !name.startsWith('pf-beta-works'));
    expect([left, mails]).toEqual([[], []]);
    const { code, out } = await provision(['apply']);
    expect(code, out).toBe(0);
    expect(lastLine(out)).toMatch(/^Done: /);
  });
});

import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { keyring } from '../../action/src/lib/keyring.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { anAgency } from '../support/agency-manifest.ts';
import { leaks, traces } from '../support/canaries.ts';
import { type ControlRoom, openControlRoom, type Ran } from '../support/control-room.ts';
import { instanceOf, mailsTo, mailTo } from '../support/people.ts';
import type { Sent } from '../support/traffic.ts';

const acme = anAgency().with({}, { env: { MAPS_KEY: { secret: 'AGENCY_MAPS_KEY' } } });
const PROVISIONER_SECRET = 'canary/"provisioner"+secret&<0123456789>%';
const own = {
  PROVISIONER_SECRET,
  PROVISIONER_SECRET_PREVIOUS: 'canary/"previous"+secret&<0123456789>%~~',
  AGENCY_MAPS_KEY: 'canary "maps" key & <ß> +/=%0 ünïcode',
  AGENCY_UNUSED: 'canary-unused-0123456789',
};
const INPUTS = ['SUPABASE_ACCESS_TOKEN', 'VERCEL_TOKEN', 'RESEND_API_KEY', 'GITHUB_TOKEN', ...Object.keys(own)];
const derive = (label: string) => keyring(new Secret(PROVISIONER_SECRET)).password(label).reveal();
const password = derive(`owner:${acme.uid}:1`);
const corrected = { ...acme.owner, email: 'right@acme-studio.example' };
/** What becomes of the first password, and what is knocked with to be refused. */
const later = {
  second: derive(`owner:${acme.uid}:2`),
  void: derive(`owner-void:${acme.uid}:${corrected.email}`),
  third: derive(`owner:${acme.uid}:3`),
  probe: derive(`acceptance-probe:${acme.uid}`),
};

let room: ControlRoom;
/** Everything that was said and written so far, run by run. */
const said: string[] = [];

beforeAll(async () => {
  const variables = own;
  room = await openControlRoom({ variables, fleet: { instanceEnv: { secretKey: 'SUPABASE_SECRET_KEY' } } });
  await room.write(acme);
});

async function listen(ran: Ran): Promise<Ran> {
  const { report, events, text, ndjson } = ran;
  const outcomes = report.agencies.flatMap(({ execution }) => execution?.outcomes ?? []);
  const errors = [report.error, ...report.agencies.map(({ error }) => error), ...outcomes.map(({ error }) => error)];
  const spoken = errors.flatMap((error) => (error ? [error.message, error.remedy, inspect(error, { depth: 12 })] : []));
  said.push(
    text,
    ndjson,
    JSON.stringify(events),
    JSON.stringify(report),
    ...spoken,
    JSON.stringify(await room.files()),
  );
  return ran;
}

/** Every secret that there is by now: handed in, derived, and made by the vendors or for them. */
async function secrets(): Promise<Record<string, string>> {
  const handed = Object.fromEntries(INPUTS.map((name) => [name, room.variables[name] ?? '']));
  const creates = room
    .sent()
    .filter(({ to, method, path }) => `${to} ${method} ${path}` === 'supabase POST /v1/projects');
  const passwords = creates.map(({ body }, index) => [`db_pass ${index}`, JSON.parse(body).db_pass as string]);
  const { resources } = await room
    .status(acme.slug)
    .catch(() => ({ resources: {} as Record<string, { id?: string }> }));
  const made = resources['supabase.project']?.id === undefined ? undefined : await instanceOf(room, acme.slug);
  return {
    ...handed,
    ...Object.fromEntries(passwords),
    password,
    ...later,
    ...(made && { secretKey: made.secretKey }),
  };
}

/** A vendor that refuses, and tells the whole request back in its error, as it came and in three encodings. */
function echo({ headers, body, path }: Sent): Response {
  const whole = `${path} ${headers} ${body}`;
  const message = [body, headers, encodeURIComponent(body), Buffer.from(body).toString('base64'), whole].join(' | ');
  const error = { message, msg: message, code: 'bad_request', error: { code: 'bad_request', message } };
  return Response.json({ ...error, name: 'validation_error', statusCode: 422 }, { status: 422 });
}

describe('promise 5: no secret stands anywhere but where it belongs', () => {
  it.each([
    ['the database is made', (one: Sent) => one.to === 'supabase' && one.path === '/v1/projects'],
    ['the app and the auth settings are prepared', (one: Sent) => /\/env(\?|$)|\/config\/auth$/.test(one.path)],
    ['the schema is made', (one: Sent) => one.path.endsWith('/database/query')],
    ['the owner is made', (one: Sent) => one.to === 'projects' && one.path.endsWith('/admin/users')],
    ['the owner signs in', (one: Sent) => one.to === 'projects' && one.path.includes('/auth/v1/token')],
    ['the owner is marked', (one: Sent) => one.to === 'projects' && one.method === 'PUT'],
    ['the mail is sent', (one: Sent) => one.to === 'resend'],
  ] as const)('not when the vendor throws the request back while %s', async (_, matches) => {
    let echoed = 0;
    room.intercept((sent) => {
      if (sent.method === 'GET' || !matches(sent)) return undefined;
      echoed += 1;
      return echo(sent);
    });
    const { report } = await listen(await room.apply());
    room.intercept();
    expect(echoed).toBeGreaterThan(0);
    expect(report.result).toBe('failed');
    expect(leaks(said.join('\n'), await secrets())).toEqual([]);
  });

  it.each([
    ['supabase', '/v1/organizations', 401],
    ['vercel', '/v10/projects', 403],
    ['github', '/commits/', 401],
  ] as const)('not when %s refuses our token by repeating it', async (vendor, path, status) => {
    room.intercept((sent) =>
      sent.to === vendor && sent.path.includes(path) ? new Response(echo(sent).body, { status }) : undefined,
    );
    const { report } = await listen(await room.apply());
    room.intercept();
    expect(report.result).toBe('failed');
    expect(leaks(said.join('\n'), await secrets())).toEqual([]);
  });

  it('not when the app’s own build prints its variables', async () => {
    const { secretKey = '' } = await secrets();
    await room.write(
      acme.with({}, { env: { MAPS_KEY: { secret: 'AGENCY_MAPS_KEY' }, RETRY: '1' }, app: { ref: 'broken-build' } }),
    );
    const text = `MAPS_KEY=${own.AGENCY_MAPS_KEY} SUPABASE_SECRET_KEY=${secretKey} ${Buffer.from(secretKey).toString('base64')}`;
    room.intercept(({ path }) =>
      path.includes('/events') ? Response.json([{ type: 'stdout', created: 1, text, payload: { text } }]) : undefined,
    );
    const ran = await listen(await room.apply());
    room.intercept();
    expect(ran.report.result).toBe('failed');
    expect(ran.text).toContain('MAPS_KEY=*** SUPABASE_SECRET_KEY=***');
    expect(leaks(said.join('\n'), await secrets())).toEqual([]);
  });

  it('not when a person has put one where it does not belong', async () => {
    await room.write(
      acme.with({ displayName: `Acme ${own.AGENCY_UNUSED}` }, { env: { MAPS_KEY: { secret: 'AGENCY_MAPS_KEY' } } }),
    );
    const { text, ndjson } = await room.plan();
    expect(leaks(text + ndjson, await secrets())).toEqual([]);
    await room.write(acme);
  });

  it('nor in what a run that succeeds says and writes', async () => {
    await listen(await room.plan([acme.slug]));
    const { report, text } = await listen(await room.apply([acme.slug]));
    expect(report.result, text).toBe('done');
    await listen(await room.apply([acme.slug]));
    const all = await secrets();
    expect(Object.keys(all).length).toBeGreaterThan(10);
    expect(leaks(said.join('\n'), all)).toEqual([]);
  });

  it('nor in what mailing a new password says and writes', async () => {
    const { report, text } = await listen(await room.resendMail(acme.slug));
    expect(report.result, text).toBe('done');
    expect(leaks(said.join('\n'), await secrets())).toEqual([]);
  });

  it.each([
    ['the password goes void', 'PUT', '/admin/users/', later.void],
    ['a wrong password is tried', 'POST', '/auth/v1/token', later.probe],
  ])('not when the address was corrected, and the vendor throws the request back while %s', async (...told) => {
    const [, method, path, secret] = told;
    await room.write(acme.with({ owner: corrected }, { env: { MAPS_KEY: { secret: 'AGENCY_MAPS_KEY' } } }));
    let echoed = 0;
    room.intercept((sent) => {
      if (sent.to !== 'projects' || sent.method !== method || !sent.path.includes(path)) return undefined;
      if (sent.body.includes(secret)) echoed += 1;
      return echo(sent);
    });
    const { report } = await listen(await room.apply());
    room.intercept();
    expect(echoed).toBeGreaterThan(0);
    expect(report.result).toBe('failed');
    expect(leaks(said.join('\n'), await secrets())).toEqual([]);
  });

  it('nor in what is said and written once the right address has its mail', async () => {
    const { report: stopped, text: because } = await listen(await room.apply());
    expect(stopped.result, because).toBe('blocked');
    const { report, text } = await listen(await room.resendMail(acme.slug));
    expect(report.result, text).toBe('done');
    await listen(await room.plan([acme.slug]));
    expect(leaks(said.join('\n'), await secrets())).toEqual([]);
  });

  it('looks for them in a way that would find them', async () => {
    const all = await secrets();
    const names = Object.keys(all);
    for (const form of [String, encodeURIComponent, (text: string) => JSON.stringify({ text })]) {
      expect(leaks(Object.values(all).map(form).join('\n'), all).sort()).toEqual(names.sort());
    }
    for (const before of ['', 'u', 'us', 'user:']) {
      const encoded = Object.values(all).map((secret) => Buffer.from(`${before}${secret}!`).toString('base64'));
      expect(leaks(encoded.join('\n'), all).sort()).toEqual(names.sort());
    }
  });
});

describe('promise 5: each secret goes to its own vendor only', () => {
  const receivers = (secret: string, part: (sent: Sent) => string) => {
    const forms = traces(secret);
    const found = room.sent().filter((sent) => forms.some((form) => part(sent).includes(form)));
    return [...new Set(found.map(({ to }) => to))].sort();
  };
  const whole = ({ path, headers, body }: Sent) => `${path} ${headers} ${body}`;

  it.each([
    ['SUPABASE_ACCESS_TOKEN', ['supabase']],
    ['VERCEL_TOKEN', ['vercel']],
    ['RESEND_API_KEY', ['resend']],
    ['GITHUB_TOKEN', ['github']],
    ['PROVISIONER_SECRET', []],
    ['PROVISIONER_SECRET_PREVIOUS', []],
    ['AGENCY_MAPS_KEY', ['vercel']],
    ['AGENCY_UNUSED', []],
  ])('%s goes to %j', (name, to) => {
    expect(receivers(room.variables[name] ?? '', whole)).toEqual(to);
    expect(receivers(room.variables[name] ?? '', ({ path }) => path)).toEqual([]);
  });

  it('what is made or derived goes where it is needed', async () => {
    const { secretKey = '', ...others } = await secrets();
    expect(receivers(secretKey, whole)).toEqual(['projects', 'vercel']);
    expect(receivers(password, whole)).toEqual(['projects', 'resend']);
    const databases = Object.entries(others).filter(([name]) => name.startsWith('db_pass'));
    expect(databases.length).toBeGreaterThan(1);
    expect(new Set(databases.map(([, secret]) => secret)).size).toBe(databases.length);
    for (const [, secret] of databases) expect(receivers(secret, whole)).toEqual(['supabase']);
    expect(receivers(later.second, whole)).toEqual(['projects', 'resend']);
    expect(receivers(later.third, whole)).toEqual(['projects', 'resend']);
    expect(receivers(later.void, whole)).toEqual(['projects']);
    expect(receivers(later.probe, whole)).toEqual(['projects']);
    for (const secret of [secretKey, password, ...Object.values(later)]) {
      expect(receivers(secret, ({ path }) => path)).toEqual([]);
    }
  });

  it('each mail carries its own password, and no other secret', async () => {
    const mails = [...(await mailsTo(room, acme.owner.email)), await mailTo(room, corrected.email)];
    expect(mails.map((mail) => mail.password)).toEqual([password, later.second, later.third]);
    const all = await secrets();
    expect(mails.map(({ raw }) => leaks(raw, all))).toEqual([['password'], ['second'], ['third']]);
  });

  it('keeps none of them in the database', async () => {
    const { SUPABASE_API_URL: url, SUPABASE_ACCESS_TOKEN: token } = room.variables;
    const { ref } = await instanceOf(room, acme.slug);
    const query = `select query_to_xml('select * from auth.users', true, true, '')::text
      || query_to_xml('select * from supabase_migrations.schema_migrations', true, true, '')::text as all`;
    const answer = await room.cloud.fetch(
      new Request(`${url}/v1/projects/${ref}/database/query`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      }),
    );
    const dump = await answer.text();
    expect(dump).toContain(corrected.email);
    expect(leaks(dump, await secrets())).toEqual([]);
  });
});

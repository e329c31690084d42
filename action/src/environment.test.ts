import { expect, test } from 'vitest';
import { BlockedError } from './engine/errors.ts';
import { readEnvironment, readForgeEnvironment, readSurroundings, type Variables } from './environment.ts';
import { redact } from './lib/redact.ts';

const complete: Variables = {
  SUPABASE_ACCESS_TOKEN: 'sbp_0123456789abcdef',
  VERCEL_TOKEN: 'vercel-token-1',
  RESEND_API_KEY: 're_key_123456',
  PROVISIONER_SECRET: 'p'.repeat(32),
};

function refusal(variables: Variables): BlockedError {
  try {
    readEnvironment(variables);
  } catch (thrown) {
    if (thrown instanceof BlockedError) return thrown;
    throw thrown;
  }
  throw new Error('it was accepted');
}

test('the vendors’ own addresses and real time are the standard', () => {
  const environment = readEnvironment(complete);
  expect(environment.supabase.apiUrl).toBe('https://api.supabase.com');
  expect(environment.supabase.projectUrl).toBe('https://{ref}.supabase.co');
  expect(environment.vercel.apiUrl).toBe('https://api.vercel.com');
  expect(environment.resend.baseUrl).toBe('https://api.resend.com');
  expect(environment.github).toEqual({ apiUrl: 'https://api.github.com', serverUrl: 'https://github.com' });
  expect(environment.instanceUrl).toBe('https://{host}');
  expect(environment.timeScale).toBe(1);
  expect(environment).not.toHaveProperty('previousSecret');
  expect(environment).not.toHaveProperty('organization');
});

test('all that is missing is named at once, with its purpose and where to get it', () => {
  const { message, remedy } = refusal({});
  for (const name of Object.keys(complete)) {
    expect(message).toContain(`${name} is not set`);
    expect(remedy).toContain(`${name}: `);
  }
  expect(remedy).toContain('https://supabase.com/dashboard/account/tokens');
  expect(remedy).toContain('openssl rand -hex 32');
  expect(remedy).toContain('npm run demo');
  expect(message).not.toContain('GITHUB_TOKEN');
});

test('an empty variable is a missing one, as GitHub hands secrets that do not exist', () => {
  expect(refusal({ ...complete, VERCEL_TOKEN: '' }).message).toBe(
    'the environment is not complete: VERCEL_TOKEN is not set',
  );
  expect(readEnvironment({ ...complete, GITHUB_TOKEN: '', SUPABASE_API_URL: '' }).supabase.apiUrl).toBe(
    'https://api.supabase.com',
  );
});

test.each([
  ['SUPABASE_API_URL', 'not a url', 'is not a URL'],
  ['VERCEL_API_URL', 'ftp://vercel.example', 'is not an http(s) URL'],
  ['RESEND_BASE_URL', 'http://resend.example', 'is http:// to another machine'],
  ['GITHUB_API_URL', 'https://user:word@github.example', 'contains a user name or password'],
  ['SUPABASE_API_URL', 'https://supabase.example?x=1', 'contains a query'],
  ['SUPABASE_PROJECT_URL', 'https://supabase.example', 'does not contain {ref}'],
  ['SUPABASE_PROJECT_URL', 'http://{ref}.supabase.example', 'is http:// to another machine'],
  ['INSTANCE_URL', 'https://example.test', 'does not contain {host}'],
  ['INSTANCE_URL', '{host}', 'is not a URL'],
  ['PROVISIONER_TIME_SCALE', '0', 'is not a positive number'],
  ['PROVISIONER_TIME_SCALE', '-1', 'is not a positive number'],
  ['PROVISIONER_TIME_SCALE', 'fast', 'is not a positive number'],
  ['PROVISIONER_TIME_SCALE', 'Infinity', 'is not a positive number'],
  ['PROVISIONER_SECRET', 'p'.repeat(31), 'is shorter than 32 characters'],
  ['PROVISIONER_SECRET_PREVIOUS', 'short', 'is shorter than 32 characters'],
  ['VERCEL_TOKEN', 'two words and more', 'contains a space'],
  ['RESEND_API_KEY', 're_with_newline\n', 'contains a space, a line break'],
  ['SUPABASE_ORG_ID', 'a/b', 'may hold letters'],
  ['GITHUB_REPOSITORY', 'nobody', 'is not of the form owner/name'],
])('%s = %j is refused: %s', (name, value, reason) => {
  const { message, remedy } = refusal({ ...complete, [name]: value });
  expect(message).toContain(`${name} ${reason}`);
  expect(remedy).toContain(name);
});

test('no message shows what a credential was', () => {
  const { message, remedy } = refusal({
    ...complete,
    VERCEL_TOKEN: 'half a canary',
    PROVISIONER_SECRET: 'canary-short',
  });
  expect(`${message}${remedy}`).not.toContain('canary');
});

test.each(['http://127.0.0.1:4600/supabase/', 'http://localhost:4600/supabase', 'http://[::1]:4600/supabase'])(
  'the local cloud at %s is allowed without TLS; a last slash is dropped',
  (url) => {
    const { supabase } = readEnvironment({ ...complete, SUPABASE_API_URL: url, SUPABASE_PROJECT_URL: `${url}/{ref}` });
    expect(supabase.apiUrl).toBe(url.replace(/\/$/, ''));
  },
);

test('a host that only begins like a loopback address is another machine', () => {
  const { message } = refusal({ ...complete, SUPABASE_API_URL: 'http://127.0.0.1.evil.example' });
  expect(message).toContain('is http:// to another machine');
});

test('credentials are masked in everything from the moment they are read', () => {
  readEnvironment({ ...complete, VERCEL_TOKEN: 'canary-of-vercel', AGENCY_CANARY: 'canary-of-an-agency' });
  expect(redact('a canary-of-vercel and a canary-of-an-agency')).toBe('a *** and a ***');
});

test('secrets for agencies are found by name; one too short to be masked is refused when it is asked for', () => {
  const environment = readEnvironment({ ...complete, AGENCY_LONG: 'long-enough', AGENCY_ON: 'on', OTHER: 'something' });
  expect(environment.agencySecret('AGENCY_LONG')?.reveal()).toBe('long-enough');
  expect(environment.agencySecret('AGENCY_NONE')).toBeUndefined();
  expect(environment.agencySecret('OTHER')).toBeUndefined();
  expect(environment.agencySecret('VERCEL_TOKEN')).toBeUndefined();
  expect(() => environment.agencySecret('AGENCY_ON')).toThrow(/AGENCY_ON has fewer than 6 characters/);
});

test('commands without vendors need nothing, and take what overrides fleet.yaml', () => {
  expect(readSurroundings({})).toEqual({});
  expect(
    readSurroundings({ SUPABASE_ORG_ID: 'acme', VERCEL_TEAM_ID: 'team_1', GITHUB_REPOSITORY: 'acme/control-room' }),
  ).toEqual({ organization: 'acme', team: 'team_1', repository: 'acme/control-room' });
  expect(() => readSurroundings({ SUPABASE_ORG_ID: '../x' })).toThrow(BlockedError);
});

const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0+/=\n-----END RSA PRIVATE KEY-----\n';
const room: Variables = { GITHUB_REPOSITORY: 'example/control-room', GITHUB_TOKEN: 'ghs_0123456789' };

test('the repository needs a token or a whole App', () => {
  const app = { PROVISIONER_APP_CLIENT_ID: 'Iv23liX', PROVISIONER_APP_PRIVATE_KEY: PEM };
  expect(readForgeEnvironment(room).github.token?.reveal()).toBe('ghs_0123456789');
  expect(readForgeEnvironment({ ...room, GITHUB_TOKEN: '', ...app }).github.app).toMatchObject({ clientId: 'Iv23liX' });
  expect(readForgeEnvironment({ ...room, ...app }).github.app?.privateKey.reveal()).toBe(PEM);
  expect(() => readForgeEnvironment({ ...room, GITHUB_TOKEN: '' })).toThrow('nothing signs in to GitHub');
  expect(() => readForgeEnvironment({ ...room, PROVISIONER_APP_CLIENT_ID: 'Iv23liX' })).toThrow(
    'PROVISIONER_APP_PRIVATE_KEY is not set',
  );
  expect(() => readForgeEnvironment({ GITHUB_TOKEN: 'ghs_0123456789' })).toThrow('GITHUB_REPOSITORY is not set');
});

test('a key that is not one is refused without being shown', () => {
  const wrong = { ...room, PROVISIONER_APP_CLIENT_ID: 'Iv23liX', PROVISIONER_APP_PRIVATE_KEY: 'canary-half-a-key' };
  expect(() => readForgeEnvironment(wrong)).toThrow(/PROVISIONER_APP_PRIVATE_KEY is no private key(?!.*canary)/);
});

const company = {
  CONTROL_PLANE_SUPABASE_URL: 'https://company.supabase.example/',
  CONTROL_PLANE_SUPABASE_SECRET_KEY: 'sb_secret_0123456789-canary',
};

test('the company’s database is both variables or none', () => {
  expect(readEnvironment(complete)).not.toHaveProperty('controlPlane');
  const { controlPlane } = readEnvironment({ ...complete, ...company });
  expect(controlPlane?.url).toBe('https://company.supabase.example');
  expect(controlPlane?.secretKey.reveal()).toBe('sb_secret_0123456789-canary');
  const github = { GITHUB_TOKEN: 'ghs_0123456789', GITHUB_REPOSITORY: 'acme/control-room' };
  expect(readForgeEnvironment({ ...github, ...company }).controlPlane?.url).toBe('https://company.supabase.example');
  expect(readForgeEnvironment(github)).not.toHaveProperty('controlPlane');
  for (const name of Object.keys(company)) {
    const { message, remedy } = refusal({ ...complete, ...company, [name]: '' });
    expect(message).toContain(`${name} is not set`);
    expect(`${message}${remedy}`).not.toContain('canary');
  }
});

const jwt = (role: string) => `e30.${Buffer.from(JSON.stringify({ iss: 'supabase', role })).toString('base64url')}.sig`;

test('a key for browsers is refused where one has to write', () => {
  for (const key of ['sb_publishable_0123456789', jwt('anon')]) {
    const { message } = refusal({ ...complete, ...company, CONTROL_PLANE_SUPABASE_SECRET_KEY: key });
    expect(message).toContain('CONTROL_PLANE_SUPABASE_SECRET_KEY is a key for browsers');
    expect(message).not.toContain(key);
  }
  const legacy = { ...company, CONTROL_PLANE_SUPABASE_SECRET_KEY: jwt('service_role') };
  expect(readEnvironment({ ...complete, ...legacy }).controlPlane?.secretKey.reveal()).toBe(jwt('service_role'));
});

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../cloud.ts';
import { member } from '../testing.ts';

const executable = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);
if (executable === undefined) console.warn('No Chromium: the sample app is not tested. Set CHROMIUM_PATH.');

const owner = { email: 'owner@acme.example', password: 'temporary-password-1' };
const chosen = 'a password of my own 2';
const migrations = new URL('../../migrations/agency/', import.meta.url);

async function send(url: string, token: string | undefined, method: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, apikey: `${token}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 50; n++) if (await done()) return;
  throw new Error('It does not come.');
}

/** A database of the agency's schema with one owner in it; gives its URL and publishable key. */
async function aDatabase(env: Record<string, string>): Promise<{ url: string; key: string }> {
  const manage = (method: string, path: string, body?: unknown) =>
    send(`${env.SUPABASE_API_URL}/v1/projects${path}`, env.SUPABASE_ACCESS_TOKEN, method, body);
  const wish = { name: 'acme', organization_slug: env.SUPABASE_ORG_ID, db_pass: 'random-and-forgotten' };
  const ref = String(member(await manage('POST', '', wish), 'ref'));
  await until(async () => member(await manage('GET', `/${ref}`), 'status') === 'ACTIVE_HEALTHY');
  await until(async () => {
    const health: unknown = await manage('GET', `/${ref}/health?services=auth,rest,db`);
    return Array.isArray(health) && health.every((service) => member(service, 'status') === 'ACTIVE_HEALTHY');
  });
  const keyOf = async (type: string) => {
    const keys: unknown = await manage('GET', `/${ref}/api-keys?reveal=true`);
    const found = Array.isArray(keys) ? keys.find((key) => member(key, 'type') === type) : undefined;
    return found === undefined ? '' : String(member(found, 'api_key'));
  };
  await until(async () => (await keyOf('secret')) !== '' && (await keyOf('publishable')) !== '');
  for (const name of (await readdir(migrations)).filter((file) => file.endsWith('.sql')).sort()) {
    const query = await readFile(new URL(name, migrations), 'utf8');
    await manage('POST', `/${ref}/database/query`, { query });
  }
  const url = String(env.SUPABASE_PROJECT_URL).replace('{ref}', ref);
  const user = { ...owner, email_confirm: true, app_metadata: { provisioner: { role: 'owner' } } };
  await send(`${url}/auth/v1/admin/users`, await keyOf('secret'), 'POST', user);
  return { url, key: await keyOf('publishable') };
}

/** Deploys the app against a database; gives the address it is served at. */
async function aSite(env: Record<string, string>, database: { url: string; key: string }): Promise<string> {
  const vercel = (method: string, path: string, body?: unknown) => {
    const join = path.includes('?') ? '&' : '?';
    return send(`${env.VERCEL_API_URL}${path}${join}teamId=${env.VERCEL_TEAM_ID}`, env.VERCEL_TOKEN, method, body);
  };
  const variable = (key: string, value: string) => ({ key, value, type: 'encrypted', target: ['production'] });
  const environmentVariables = [
    variable('NEXT_PUBLIC_SUPABASE_URL', database.url),
    variable('NEXT_PUBLIC_SUPABASE_ANON_KEY', database.key),
    variable('AGENCY_NAME', 'Acme <Studio> & "Sons"'),
  ];
  await vercel('POST', '/v11/projects', {
    name: 'acme',
    framework: 'nextjs',
    ssoProtection: null,
    environmentVariables,
  });
  const gitSource = { type: 'github', org: 'example', repo: 'agency-app', ref: 'v1.4.0' };
  const created = await vercel('POST', '/v13/deployments?forceNew=1', {
    name: 'acme',
    target: 'production',
    gitSource,
  });
  const id = String(member(created, 'id'));
  await until(async () => member(await vercel('GET', `/v13/deployments/${id}`), 'aliasAssigned') === true);
  return String(env.INSTANCE_URL).replace('{host}', 'acme.vercel.app');
}

describe.skipIf(executable === undefined)('the sample app in a browser', () => {
  let dir: string;
  let cloud: Cloud;
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'site-browser-'));
    cloud = await startCloud({ dir, port: 0, profile: 'none', seed: 'browser', rateLimits: false });
    const env = cloud.environment();
    address = await aSite(env, await aDatabase(env));
    browser = await chromium.launch({ executablePath: executable ?? '', args: ['--no-sandbox'] });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await cloud?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function aVisit(): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(address);
    return { page, complaints };
  }

  async function signIn(page: Page, password: string): Promise<void> {
    await page.getByLabel('Email').fill(owner.email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  it('says why a sign-in was refused', async () => {
    const { page } = await aVisit();
    await signIn(page, 'wrong');
    await expect.poll(() => page.getByTestId('sign-in-error').textContent()).toBe('Invalid login credentials');
    expect(await page.getByTestId('workspace').isVisible()).toBe(false);
  });

  it('asks for an own password before anything else, then lets the owner work', async () => {
    const { page, complaints } = await aVisit();
    expect(await page.getByTestId('agency').textContent()).toBe('Acme <Studio> & "Sons"');
    await signIn(page, owner.password);
    await page.getByTestId('temporary-note').waitFor();
    expect(await page.getByTestId('workspace').isVisible()).toBe(false);
    expect(await page.getByTestId('cancel-change').isVisible()).toBe(false);

    await page.getByLabel('New password').fill(chosen);
    await page.getByLabel('Repeat it').fill('something else');
    await page.getByTestId('change-password-submit').click();
    await expect.poll(() => page.getByTestId('change-password-error').textContent()).toBe('The two passwords differ.');
    await page.getByLabel('Repeat it').fill(chosen);
    await page.getByTestId('change-password-submit').click();
    await page.getByTestId('workspace').waitFor();

    await page.getByLabel('New client').fill('Bakery <b>Crust</b>');
    await page.getByRole('button', { name: 'Add client' }).click();
    await page.getByTestId('clients-row').getByText('Bakery <b>Crust</b>').waitFor();
    await page.getByLabel('New project').fill('Website');
    await page.getByTestId('project-client').selectOption({ label: 'Bakery <b>Crust</b>' });
    await page.getByRole('button', { name: 'Add project' }).click();
    await page.getByTestId('projects-row').getByText('Website').waitFor();
    await page.getByRole('button', { name: 'Edit Website' }).click();
    await page.getByTestId('projects-edit-name').fill('New website');
    await page.getByTestId('projects-edit-save').click();
    await page.getByTestId('projects-row').getByText('New website').waitFor();

    const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
    expect(wide).toBe(false);
    await page.getByTestId('sign-out').click();
    await page.getByTestId('sign-in-form').waitFor();
    expect(complaints).toEqual([]);
  });

  it('keeps the rows and the new password, and does not ask again', async () => {
    const { page } = await aVisit();
    await signIn(page, owner.password);
    await expect.poll(() => page.getByTestId('sign-in-error').textContent()).toBe('Invalid login credentials');
    await signIn(page, chosen);
    await page.getByTestId('workspace').waitFor();
    expect(await page.getByTestId('projects-row').allTextContents()).toEqual(['New websiteBakery <b>Crust</b>Edit']);
    await page.reload();
    await page.getByTestId('projects-row').waitFor();
    await page.getByTestId('open-change-password').click();
    await page.getByTestId('cancel-change').click();
    expect(await page.getByTestId('workspace').isVisible()).toBe(true);
  });
});

import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { instanceOf, signIn as personal, sql } from '../support/people.ts';

const executable = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);
if (executable === undefined) {
  console.warn('No Chromium: nobody signs in with a real browser. Install the package chromium, or set CHROMIUM_PATH.');
}

const CHOSEN = 'a password of my own 2';
const acme = anAgency().with({ displayName: 'Acme <Studio> & "Sons"' });

describe.skipIf(executable === undefined)('the owner, in a real browser', () => {
  let room: ControlRoom;
  let browser: Browser;
  let mail: { address: string; login: string; password: string };

  beforeAll(async () => {
    room = await openControlRoom();
    browser = await chromium.launch({ executablePath: executable ?? '', args: ['--no-sandbox'] });
    await room.write(acme);
    const { report, text } = await room.apply([acme.slug]);
    expect(report.result, text).toBe('done');
  }, 120_000);
  afterAll(() => browser?.close());

  async function aPage(address: string): Promise<Page> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(address);
    return page;
  }

  async function signIn(address: string, login: string, password: string): Promise<Page> {
    const page = await aPage(address);
    await page.getByLabel('Email').fill(login);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    return page;
  }

  /** Applies by name, so that everything is looked at. */
  async function applyAgain() {
    const files = await room.files();
    room.forget();
    const { report, text } = await room.apply([acme.slug]);
    expect([report.result, report.agencies[0]?.result], text).toEqual(['done', 'unchanged']);
    expect(room.writes()).toEqual([]);
    expect(await room.files()).toEqual(files);
    return text;
  }

  it('finds address and temporary password in the mail', async () => {
    const page = await aPage(`${room.cloud.origin}/inbox`);
    const line = page.getByTestId('mail');
    expect(await line.count()).toBe(1);
    expect(await line.textContent()).toContain(acme.owner.email);
    await line.getByRole('link').click();
    const text = (await page.getByTestId('mail-text').textContent()) ?? '';
    const fact = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1] ?? '';
    mail = { address: fact('Address'), login: fact('Login'), password: fact('Temporary password') };
    expect(mail.login).toBe(acme.owner.email);
    expect(mail.address).toBe((await room.status(acme.slug)).outputs.instanceUrl);
    const seen = page.frameLocator('iframe[title="HTML part"]');
    expect(await seen.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(mail.address);
    expect(await seen.locator('code').textContent()).toBe(mail.password);
  });

  it('signs in with it, chooses a password and puts in the first client and project', async () => {
    const page = await signIn(mail.address, mail.login, mail.password);
    expect(await page.getByTestId('agency').textContent()).toBe(acme.displayName);
    await page.getByLabel('New password').fill(CHOSEN);
    await page.getByLabel('Repeat it').fill(CHOSEN);
    await page.getByTestId('change-password-submit').click();
    await page.getByTestId('workspace').waitFor();
    await page.getByLabel('New client').fill('Bakery');
    await page.getByRole('button', { name: 'Add client' }).click();
    await page.getByTestId('clients-row').getByText('Bakery').waitFor();
    await page.getByLabel('New project').fill('Website');
    await page.getByTestId('project-client').selectOption({ label: 'Bakery' });
    await page.getByRole('button', { name: 'Add project' }).click();
    await page.getByTestId('projects-row').getByText('Website').waitFor();
    await page.getByTestId('sign-out').click();
    await page.getByTestId('sign-in-form').waitFor();
  });

  it('keeps the own password and the rows when the run is repeated, and the run is not red', async () => {
    await applyAgain();
    const refused = await signIn(mail.address, mail.login, mail.password);
    await expect.poll(() => refused.getByTestId('sign-in-error').textContent()).toBe('Invalid login credentials');
    const page = await signIn(mail.address, mail.login, CHOSEN);
    await page.getByTestId('projects-row').getByText('Website').waitFor();
    expect(await page.getByTestId('clients-row').count()).toBe(1);
    expect(await page.getByTestId('temporary-note').isVisible()).toBe(false);
  });

  it('may change the mail address, too: reported, neither repaired nor red', async () => {
    const address = 'new@acme.example';
    const instance = await instanceOf(room, acme.slug);
    const { client, userId } = await personal(room, instance, mail.login, CHOSEN);
    expect((await client.auth.updateUser({ email: address })).error).toBeNull();
    // Auth mails a link to the old and to the new address; the owner follows both.
    const links = await sql(
      room,
      instance.ref,
      `select token_hash from auth.one_time_tokens where user_id = '${userId}'`,
    );
    for (const { token_hash: token } of links) {
      const { error } = await client.auth.verifyOtp({ type: 'email_change', token_hash: String(token) });
      expect(error).toBeNull();
    }
    expect(await applyAgain()).toContain(`the owner signs in as ${address}, and the manifest says ${mail.login}`);
    const page = await signIn(mail.address, address, CHOSEN);
    await page.getByTestId('projects-row').getByText('Website').waitFor();
    expect((await room.state()).mails).toHaveLength(1);
  });
});

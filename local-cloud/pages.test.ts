import { describe, expect, it } from 'vitest';
import { type PageSources, pageFor } from './pages.ts';
import type { Mail } from './resend/service.ts';

const hostile = '"><img src=x onerror=alert(1)>';

function aMail(changes: Partial<Mail> = {}): Mail {
  return {
    id: '4ef9a417-02e9-4d39-ad75-9611e0fcc33c',
    from: 'Ops <ops@mail.example>',
    to: ['owner@acme.example'],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: 'Welcome',
    headers: {},
    at: '2026-01-01T00:00:00.000Z',
    lastEvent: 'delivered',
    ...changes,
  };
}

const sources = (mails: Mail[] = [], changes: Partial<PageSources> = {}): PageSources => ({
  projects: () => [],
  sites: () => [],
  mails: () => mails,
  ...changes,
});

async function text(path: string, from: PageSources): Promise<string> {
  return (await pageFor(path, from)?.text()) ?? '';
}

describe('the landing page', () => {
  it('lists sites, databases and the latest mail, and links to the rest', async () => {
    const page = await text(
      '/',
      sources([aMail()], {
        sites: () => [{ id: 'prj_1', name: 'ag-acme', url: 'http://127.0.0.1:4600/sites/ag-acme.vercel.app' }],
        projects: () => [{ ref: 'abc', name: 'ag-acme-1', status: 'ACTIVE_HEALTHY', url: '' }],
      }),
    );
    for (const part of ['href="http://127.0.0.1:4600/sites/ag-acme.vercel.app"', 'ACTIVE_HEALTHY', 'Welcome']) {
      expect(page).toContain(part);
    }
    for (const link of ['/inbox', '/github', '/_cloud/requests']) expect(page).toContain(`href="${link}"`);
  });

  it('says when there is nothing yet', async () => {
    const page = await text('/', sources());
    for (const empty of ['No site yet.', 'No project yet.', 'No mail yet.']) expect(page).toContain(empty);
  });

  it('escapes names and links only to web addresses', async () => {
    const page = await text(
      '/',
      sources([], {
        sites: () => [{ id: '1', name: hostile, url: 'javascript:alert(1)' }],
        projects: () => [{ ref: hostile, name: hostile, status: hostile, url: '' }],
      }),
    );
    expect(page).not.toContain('<img');
    expect(page).not.toContain('href="javascript:');
  });
});

describe('the inbox', () => {
  it('lists every mail with a link to it', async () => {
    const page = await text('/inbox', sources([aMail(), aMail({ id: 'second', subject: 'Again' })]));
    expect(page.match(/data-testid="mail"/g)).toHaveLength(2);
    expect(page).toContain('href="/inbox/second"');
  });

  it('shows headers and text, all escaped', async () => {
    const mail = aMail({ subject: hostile, from: hostile, to: [hostile], text: hostile, headers: { 'X-A': hostile } });
    const page = await text(`/inbox/${mail.id}`, sources([mail]));
    expect(page).not.toContain('<img');
    expect(page).toContain('<pre data-testid="mail-text">&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</pre>');
  });

  it('keeps the HTML part in a frame without script and without origin', async () => {
    const mail = aMail({ html: '<p title="a">Hello</p><script>alert(1)</script>"></iframe>' });
    const page = await text(`/inbox/${mail.id}`, sources([mail]));
    const frame = /<iframe[^>]*>/.exec(page)?.[0] ?? '';
    expect(/sandbox="([^"]*)"/.exec(frame)?.[1]?.split(' ')).toEqual([
      'allow-popups',
      'allow-popups-to-escape-sandbox',
    ]);
    expect(frame).toContain('&lt;p title=&quot;a&quot;&gt;Hello&lt;/p&gt;');
    expect(page).not.toContain('<script>');
    expect(page.match(/<\/iframe>/g)).toHaveLength(1);
  });

  it('answers 404 for a mail that is not there, and leaves other paths alone', () => {
    expect(pageFor('/inbox/none', sources())?.status).toBe(404);
    expect(pageFor('/inbox/a/b', sources())).toBeUndefined();
    expect(pageFor('/vercel', sources())).toBeUndefined();
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { type Agency, anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { mailsTo } from '../support/people.ts';

const good = anAgency('acme-studio');
const broken = anAgency('broken-build').with({}, { app: { ref: 'broken-build' } });
const refused = anAgency('refused-db');
const misspelt = anAgency('misspelt-file');
const all = [good, broken, refused, misspelt];
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
  for (const agency of all) await room.write(agency);
  await room.put(misspelt.file, misspelt.text().replace('  displayName', '  displayname'));
});

const readyOf = async ({ slug }: Agency) =>
  (await room.status(slug)).conditions.find(({ type }) => type === 'Ready')?.status;

describe('promise 8: one bad agency never blocks the others', () => {
  it('serves the good one, and tells of each bad one what is wrong with it', async () => {
    const before = await room.read(misspelt.file);
    room.intercept(({ to, method, body }) =>
      to === 'supabase' && method === 'POST' && body.includes(refused.supabaseName)
        ? Response.json({ message: 'Name contains a word that is not allowed.' }, { status: 400 })
        : undefined,
    );
    const { report, text, events } = await room.apply();
    room.intercept();
    expect(report.result).toBe('failed');
    expect(report.agencies.map(({ slug, result }) => [slug, result]).sort()).toEqual([
      ['acme-studio', 'done'],
      ['broken-build', 'failed'],
      ['misspelt-file', 'failed'],
      ['refused-db', 'failed'],
    ]);
    expect(await readyOf(good)).toBe('True');
    expect(await mailsTo(room, good.owner.email)).toHaveLength(1);
    expect(text).toMatch(/agencies\/misspelt-file\.yaml:8:3 .*displayname/);
    expect(events.find((event) => event.type === 'problem')).toMatchObject({ agency: 'misspelt-file' });
    expect(text).toContain('Name contains a word that is not allowed.');
    expect(await room.read(misspelt.file)).toBe(before);
  });

  it('shows the end of the log of a build that failed', async () => {
    const { conditions } = await room.status('broken-build');
    const ready = conditions.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'VendorFailed' });
    expect(ready?.message).toMatch(/the deployment dpl_\w+ ended as ERROR/);
    expect(ready?.message).toMatch(/Command .*exited with 1/);
  });

  it('records everything that was done for those that failed', async () => {
    const { projects, vercelProjects } = await room.state();
    const { resources, observedSpecDigest } = await room.status('broken-build');
    expect(resources).toMatchObject({
      'supabase.project': { id: projects.find(({ name }) => name === broken.supabaseName)?.ref },
      'vercel.project': { id: vercelProjects.find(({ name }) => name === broken.vercelName)?.id },
      'supabase.owner': { id: expect.any(String) },
      'supabase.migrations': { version: '20260101000600' },
    });
    expect(observedSpecDigest).toBeUndefined();
    const other = (await room.status('refused-db')).resources;
    expect(other['vercel.project']?.id).toBe(vercelProjects.find(({ name }) => name === refused.vercelName)?.id);
    expect(other['supabase.project']?.id).toBeUndefined();
  });

  it('looks at those alone that went wrong, when that is asked for', async () => {
    await room.write(anAgency('new-comer'));
    const { report } = await room.plan([], { request: { failed: true } });
    const served = report.agencies.filter(({ slug }) => slug !== misspelt.slug);
    expect(served.map(({ slug }) => slug).sort()).toEqual(['broken-build', 'refused-db']);
    await room.remove('agencies/new-comer.yaml');
  });

  it('converges once each is mended, and leaves the good one alone', async () => {
    await room.write(broken.with({}, { app: { ref: 'v1.3.0' } }));
    await room.put(misspelt.file, misspelt.text());
    room.forget();
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    expect(report.agencies.map(({ slug }) => slug).sort()).toEqual(['broken-build', 'misspelt-file', 'refused-db']);
    expect(await Promise.all(all.map(readyOf))).toEqual(['True', 'True', 'True', 'True']);
    const { projects, vercelProjects, users, mails } = await room.state();
    expect([projects, vercelProjects, users, mails].map((things) => things.length)).toEqual([4, 4, 4, 4]);
  });
});

describe('promise 8: with a fault at one agency only', () => {
  it('fails that agency, in its own class, and no other', async () => {
    const { id: ref } = (await room.status('refused-db')).resources['supabase.project'] ?? {};
    await room.fault({ service: 'supabase', path: `/${ref}`, count: 'always', effect: 'status', status: 500 });
    const { report } = await room.apply(all.map(({ slug }) => slug));
    await room.calm();
    expect(report.agencies.map(({ slug, result }) => [slug, result]).sort()).toEqual([
      ['acme-studio', 'unchanged'],
      ['broken-build', 'unchanged'],
      ['misspelt-file', 'unchanged'],
      ['refused-db', 'failed'],
    ]);
    const { conditions } = await room.status('refused-db');
    expect(conditions.map(({ type, status }) => [type, status])).toContainEqual(['Reconciling', 'True']);
    expect((await room.apply()).report).toMatchObject({ result: 'done', agencies: [{ slug: 'refused-db' }] });
    expect(await readyOf(refused)).toBe('True');
  });
});

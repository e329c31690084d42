import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';

const acme = anAgency('acme-studio');
const north = anAgency('north-light');
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
  for (const agency of [acme, north]) await room.write(agency);
  expect((await room.apply()).report.result).toBe('done');
});

const drift = () => room.plan([], { request: { settled: true } });

/** Somebody changes it in the vendor's dashboard. */
async function changeSiteUrl(slug: string): Promise<void> {
  const ref = (await room.status(slug)).resources['supabase.project']?.id;
  const { SUPABASE_API_URL: api, SUPABASE_ACCESS_TOKEN: token } = room.variables;
  const answer = await room.fetch(`${api}/v1/projects/${ref}/config/auth`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ site_url: 'https://elsewhere.example' }),
  });
  expect(answer.status).toBe(200);
}

describe('drift', () => {
  it('is not there while everything is as the manifests say', async () => {
    const { report } = await drift();
    expect(report.result).toBe('done');
    expect(report.agencies.map(({ result }) => result)).toEqual(['unchanged', 'unchanged']);
  });

  it('shows what somebody changed at a vendor, and changes nothing', async () => {
    await changeSiteUrl(acme.slug);
    room.forget();
    const { report, text } = await drift();
    expect(report.result).toBe('changes');
    expect(report.agencies.find(({ slug }) => slug === acme.slug)?.result).toBe('changes');
    expect(text).toContain('https://elsewhere.example');
    expect(room.writes()).toEqual([]);
  });

  it('is not what a manifest wishes and no run has done yet', async () => {
    await room.write(north.with({ displayName: 'Another name' }));
    const { report } = await drift();
    expect(report.agencies.map(({ slug }) => slug)).toEqual([acme.slug]);
  });
});

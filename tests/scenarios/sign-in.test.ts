import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { instanceOf, mailsTo, mailTo, signIn } from '../support/people.ts';

const acme = anAgency();
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
});

const conditionsOf = async (slug: string) =>
  Object.fromEntries((await room.status(slug)).conditions.map(({ type, status }) => [type, status]));

describe('promise 4: Ready means that the owner can sign in', () => {
  it('lets the owner in with what was mailed, as an admin, at an address that answers', async () => {
    await room.write(acme);
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    expect(await conditionsOf('acme-studio')).toEqual({ Ready: 'True', Notified: 'True' });

    const instance = await instanceOf(room, 'acme-studio');
    const mail = await mailTo(room, acme.owner.email);
    const { outputs } = await room.status('acme-studio');
    expect(mail).toMatchObject({ login: acme.owner.email, address: outputs.instanceUrl });
    expect((await room.fetch(`${mail.address}/`)).status).toBe(200);

    const { client, userId, error } = await signIn(room, instance, mail.login, mail.password);
    expect([error, userId]).toEqual([undefined, instance.userId]);
    const { data } = await client.from('users').select('role').eq('id', userId);
    expect(data).toEqual([{ role: 'admin' }]);
  });

  it('is red, and mails nobody, as long as the site does not answer', async () => {
    const beta = anAgency('beta-works');
    await room.write(beta);
    await room.fault({ service: 'site', path: '^/pf-beta-works', count: 'always', effect: 'status', status: 503 });
    const { report, text } = await room.apply();
    expect(report.result).toBe('failed');
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^Failed: beta-works: acceptance: .*does not answer: HTTP 503/);
    expect(await conditionsOf('beta-works')).toMatchObject({ Ready: 'False', Notified: 'False' });
    const status = await room.status('beta-works');
    expect([status.observedSpecDigest, status.completedAt]).toEqual([undefined, undefined]);
    expect(await mailsTo(room, beta.owner.email)).toEqual([]);

    await room.calm();
    expect((await room.apply()).report.result).toBe('done');
    expect(await conditionsOf('beta-works')).toEqual({ Ready: 'True', Notified: 'True' });
    const mail = await mailTo(room, beta.owner.email);
    const { error } = await signIn(room, await instanceOf(room, 'beta-works'), mail.login, mail.password);
    expect(error).toBeUndefined();
  });

  it('is red while the owner is no admin, although every API said yes', async () => {
    const gamma = anAgency('gamma-labs');
    const demoting = 'migrations/agency/20990101000000_demote.sql';
    await room.write(gamma);
    await room.put(
      demoting,
      `create function private.demote() returns trigger language plpgsql security definer set search_path = '' as $$
       begin new.role = 'employee'; return new; end $$;
       create trigger zz_demote before insert or update on public.users for each row execute function private.demote();`,
    );
    const { report } = await room.apply(['gamma-labs']);
    await room.remove(demoting);
    expect(report.result).toBe('failed');
    expect(report.agencies[0]?.execution?.outcomes.find(({ error }) => error)?.error?.message).toBe(
      'acceptance: the owner is not an admin in public.users',
    );
    expect(await mailsTo(room, gamma.owner.email)).toEqual([]);
  });

  it('stays red while the mail was not sent, and says which half is done', async () => {
    const delta = anAgency('delta-firm');
    await room.write(delta);
    const body = { name: 'validation_error', message: 'The domain is not verified.', statusCode: 403 };
    await room.fault({ service: 'resend', method: 'POST', count: 'always', effect: 'status', status: 403, body });
    const { report } = await room.apply(['delta-firm']);
    expect(report.result).toBe('failed');
    expect(await conditionsOf('delta-firm')).toMatchObject({ Ready: 'True', Notified: 'False' });
    expect((await room.status('delta-firm')).observedSpecDigest).toBeUndefined();

    await room.calm();
    expect((await room.apply(['delta-firm'])).report.result).toBe('done');
    expect(await mailsTo(room, delta.owner.email)).toHaveLength(1);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { clientFor, type Instance, instanceOf, mailTo, signIn, type Welcome } from '../support/people.ts';

const agencies = [anAgency('acme-studio'), anAgency('beta-works')] as const;
const TABLES = ['users', 'clients', 'projects', 'tasks', 'files', 'invoices', 'comments', 'activity'];
let room: ControlRoom;

interface Party {
  readonly instance: Instance;
  readonly mail: Welcome;
}

beforeAll(async () => {
  room = await openControlRoom({ fleet: { instanceEnv: { secretKey: 'SUPABASE_SECRET_KEY' } } });
  for (const agency of agencies) await room.write(agency);
  const { report, text } = await room.apply();
  expect(report.result, text).toBe('done');
});

const partyOf = async (index: 0 | 1): Promise<Party> => ({
  instance: await instanceOf(room, agencies[index].slug),
  mail: await mailTo(room, agencies[index].owner.email),
});

describe.each([
  ['the first', 0, 1],
  ['the second', 1, 0],
] as const)('promise 6: %s of two agencies is closed to the other', (_, mine, other) => {
  let self: Party;
  let stranger: Party;

  beforeAll(async () => {
    [self, stranger] = [await partyOf(mine), await partyOf(other)];
  });

  it('does not sign the other’s owner in', async () => {
    expect((await signIn(room, self.instance, self.mail.login, self.mail.password)).error).toBeUndefined();
    expect((await signIn(room, self.instance, stranger.mail.login, stranger.mail.password)).error).toBe(
      'invalid_credentials',
    );
    expect((await signIn(room, self.instance, self.mail.login, stranger.mail.password)).error).toBe(
      'invalid_credentials',
    );
  });

  it('refuses the other’s keys, to read, to write and to administer', async () => {
    for (const key of [stranger.instance.publishableKey, stranger.instance.secretKey]) {
      const client = clientFor(room, self.instance.url, key);
      for (const table of TABLES) {
        const { data, status } = await client.from(table).select('*');
        expect([table, status, data]).toEqual([table, 401, null]);
      }
      const written = await client.from('clients').insert({ name: 'Smuggled' });
      expect(written.status).toBe(401);
      expect((await client.auth.admin.listUsers()).error?.status).toBe(401);
      const credentials = { email: self.mail.login, password: self.mail.password };
      expect((await client.auth.signInWithPassword(credentials)).error?.status).toBe(401);
    }
    const own = clientFor(room, self.instance.url, self.instance.secretKey);
    expect((await own.from('clients').select('name')).data).toEqual([]);
  });

  it('refuses a session of the other’s owner', async () => {
    const { client } = await signIn(room, stranger.instance, stranger.mail.login, stranger.mail.password);
    const { data } = await client.auth.getSession();
    const url = `${self.instance.url}/rest/v1/users?select=*`;
    const headers = {
      apikey: self.instance.publishableKey,
      authorization: `Bearer ${data.session?.access_token}`,
    };
    expect((await room.fetch(url, { headers })).status).toBe(401);
  });
});

describe('promise 6: two agencies share nothing', () => {
  it('has separate projects, keys, users, deployments and addresses', async () => {
    const [first, second] = [await partyOf(0), await partyOf(1)];
    for (const fact of ['ref', 'url', 'userId', 'publishableKey', 'secretKey'] as const) {
      expect(first.instance[fact]).toBeTruthy();
      expect(first.instance[fact], fact).not.toBe(second.instance[fact]);
    }
    expect(first.mail.password).not.toBe(second.mail.password);
    expect(first.mail.address).not.toBe(second.mail.address);
    const [one, two] = [await room.status('acme-studio'), await room.status('beta-works')];
    for (const address of ['vercel.project', 'vercel.deployment', 'acceptance', 'resend.welcome']) {
      expect(one.resources[address]?.id, address).not.toBe(two.resources[address]?.id);
    }
  });

  it('told each app of its own instance and of no other', async () => {
    const [first, second] = [await partyOf(0), await partyOf(1)];
    const all = room.sent().filter(({ method, path }) => method === 'POST' && /\/env(\?|$)/.test(path));
    expect(all).toHaveLength(2);
    for (const [self, stranger] of [
      [first, second],
      [second, first],
    ] as const) {
      const own = all.find(({ body }) => body.includes(self.instance.ref));
      for (const key of ['ref', 'publishableKey', 'secretKey'] as const) {
        expect(own?.body).toContain(self.instance[key]);
        expect(own?.body).not.toContain(stranger.instance[key]);
      }
    }
  });
});

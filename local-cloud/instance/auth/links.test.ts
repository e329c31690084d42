import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anInstance, type TestInstance } from '../fixture.ts';

let instance: TestInstance;
const visitor = () => instance.client(instance.keys.publishable);
const admin = () => instance.client(instance.keys.secret).auth.admin;
const email = 'ann@acme.example';

beforeAll(async () => {
  instance = await anInstance('links', { uri_allow_list: 'https://*.acme.example/**' });
  await admin().createUser({ email, password: 'first-password', email_confirm: true });
});
afterAll(() => instance.remove());

async function recovery(redirectTo?: string) {
  const options = redirectTo === undefined ? {} : { options: { redirectTo } };
  const { data, error } = await admin().generateLink({ type: 'recovery', email, ...options });
  if (error) throw error;
  return data.properties;
}

const click = (link: string) => instance.fetch(new Request(link.replace('/projects/links', '')));

describe('generated links', () => {
  it('sign in once by hash', async () => {
    const { hashed_token } = await recovery();
    const first = await visitor().auth.verifyOtp({ type: 'recovery', token_hash: hashed_token });
    expect(first.data.session?.user.email).toBe(email);
    const second = await visitor().auth.verifyOtp({ type: 'recovery', token_hash: hashed_token });
    expect(second.error).toMatchObject({ status: 403, code: 'otp_expired' });
  });

  it('sign in by the code and the address it was made for', async () => {
    const { email_otp } = await recovery();
    const foreign = await visitor().auth.verifyOtp({ type: 'recovery', token: email_otp, email: 'bob@acme.example' });
    expect(foreign.error).toMatchObject({ code: 'otp_expired' });
    const own = await visitor().auth.verifyOtp({ type: 'recovery', token: email_otp, email });
    expect(own.error).toBeNull();
  });

  it('are replaced by newer ones, expire after an hour, and fit one type only', async () => {
    const older = await recovery();
    const newer = await recovery();
    const redeem = (type: 'recovery' | 'invite', hash: string) => visitor().auth.verifyOtp({ type, token_hash: hash });
    expect((await redeem('recovery', older.hashed_token)).error).toMatchObject({ code: 'otp_expired' });
    expect((await redeem('invite', newer.hashed_token)).error).toMatchObject({ code: 'otp_expired' });
    instance.pass(3_601_000);
    expect((await redeem('recovery', newer.hashed_token)).error).toMatchObject({ code: 'otp_expired' });
  });

  it('lead a browser without any key to the site with the tokens behind #', async () => {
    const { action_link } = await recovery();
    const response = await click(action_link);
    expect(response.status).toBe(303);
    const target = response.headers.get('location') ?? '';
    expect(target).toMatch(/^https:\/\/app\.example#.*access_token=.*type=recovery/);
    const again = await click(action_link);
    expect(again.headers.get('location')).toContain('error_code=otp_expired');
  });

  it.each([
    ['https://app.example/welcome', 'https://app.example/welcome'],
    ['https://one.acme.example/deep/path', 'https://one.acme.example/deep/path'],
    ['https://one.two.acme.example/x', 'https://app.example'],
    ['https://evil.example/?https://one.acme.example/', 'https://app.example'],
  ])('asked to lead to %s lead to %s', async (wish, target) => {
    expect((await recovery(wish)).redirect_to).toBe(target);
  });

  it('invite a new user, who is confirmed by coming', async () => {
    const { data } = await admin().generateLink({
      type: 'invite',
      email: 'new@acme.example',
      options: { data: { name: 'New' } },
    });
    expect(data.user).toMatchObject({ email: 'new@acme.example', invited_at: expect.any(String) });
    expect(data.user?.email_confirmed_at).toBeUndefined();
    const hash = data.properties?.hashed_token ?? '';
    const { data: come } = await visitor().auth.verifyOtp({ type: 'invite', token_hash: hash });
    expect(come.user?.email_confirmed_at).toMatch(/Z$/);
    expect(come.user?.user_metadata).toMatchObject({ name: 'New' });
  });

  it('make a sign-up of a magic link for a stranger, even where sign-up is closed', async () => {
    const { data } = await admin().generateLink({ type: 'magiclink', email: 'magic@acme.example' });
    expect(data.properties?.verification_type).toBe('signup');
  });

  it('are refused for whom they cannot be meant', async () => {
    const unknown = await admin().generateLink({ type: 'recovery', email: 'nobody@acme.example' });
    expect(unknown.error).toMatchObject({ status: 404, code: 'user_not_found' });
    const known = await admin().generateLink({ type: 'invite', email });
    expect(known.error).toMatchObject({ status: 422, code: 'email_exists' });
  });
});

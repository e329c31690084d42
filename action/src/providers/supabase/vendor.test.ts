import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { instanceVendor, managementBudget, managementVendor } from './vendor.ts';

const management = managementVendor(new Secret('sbp_0123456789'), 'https://api.supabase.com');
const instance = instanceVendor('https://ref.supabase.co');

describe('the Management API', () => {
  it('is signed in to with the token', () => {
    expect(management.authorize()).toEqual({ authorization: 'Bearer sbp_0123456789' });
  });

  it.each([
    [{ message: 'Project not found' }, { message: 'Project not found' }],
    [
      { message: 'Forbidden', missing_permissions: ['database_read', 'database_write'] },
      { message: 'Forbidden (the token lacks database_read, database_write)' },
    ],
    [{ message: 7 }, {}],
    ['text', {}],
    [undefined, {}],
  ])('explains %j', (body, said) => {
    expect(management.explain(body)).toEqual(said);
  });

  it('does not knock again at a paused project', () => {
    expect([540, 544, 500].map((status) => management.quirk?.(status, {}))).toEqual(['give-up', undefined, undefined]);
  });

  it('allows 120 requests a minute in each scope', () => {
    expect(managementBudget()).toEqual({ windows: [{ requests: 120, perMs: 60_000 }] });
  });
});

describe('an instance', () => {
  it.each([
    [
      { code: 422, error_code: 'email_exists', msg: 'taken' },
      { code: 'email_exists', message: 'taken' },
    ],
    [
      { code: 'email_exists', message: 'taken' },
      { code: 'email_exists', message: 'taken' },
    ],
    [
      { code: '42501', message: 'permission denied', details: null, hint: null },
      { code: '42501', message: 'permission denied' },
    ],
    [{ error: 'invalid_grant', error_description: 'wrong' }, { message: 'wrong' }],
    [[], {}],
  ])('explains %j', (body, said) => {
    expect(instance.explain(body)).toEqual(said);
  });

  it('is asked again where its gateway forgets a good key, and only there', () => {
    expect(instance.quirk?.(403, { code: 'bad_jwt' })).toBe('retry');
    expect(instance.quirk?.(403, { code: 'not_admin' })).toBeUndefined();
    expect(instance.quirk?.(401, { code: 'bad_jwt' })).toBeUndefined();
  });
});

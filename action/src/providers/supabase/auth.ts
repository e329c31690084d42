import * as z from 'zod';
import type { Difference, Kind } from '../../engine/kind.ts';
import { hasStatus } from '../failure.ts';
import type { Http } from '../http.ts';
import { unlessGone } from './gone.ts';
import { PROJECT_PAUSED } from './vendor.ts';

type Setting = string | number | boolean | null;

export type AuthConfigInputs = { readonly ref: string; readonly settings: Readonly<Record<string, Setting>> };
export type AuthSettings = Readonly<Record<string, unknown>>;

/** Of a paused project the settings are out of reach; whatever they are, it lets nobody in. */
const PAUSED = 'paused';
type Actual = AuthSettings | typeof PAUSED;

/** The value of each of these that keeps strangers out; leaving it is a dangerous change. */
const PROTECTIVE: Readonly<Record<string, Setting>> = {
  disable_signup: true,
  external_anonymous_users_enabled: false,
  mailer_autoconfirm: false,
};

/**
 * Settings of a project's Auth: https://supabase.com/docs/reference/api/v1-update-auth-service-config. They always
 * exist, so there is nothing to create or delete; settings that the inputs do not name are left alone. Two resources
 * share this kind because what closes sign-up cannot wait for the URL that the other one needs.
 */
export function authConfig(http: Http, name: 'supabase.auth' | 'supabase.site'): Kind<AuthConfigInputs, Actual> {
  return {
    name,
    holdsData: false,
    given: true,
    stableOutputs: [],
    identify: async ({ inputs: { ref } }) => {
      const actual = await read(http, ref);
      return actual ? { state: 'found', id: ref, actual } : { state: 'absent' };
    },
    read: async (_, ref) => {
      const actual = await read(http, ref);
      return actual && { id: ref, actual };
    },
    diff: ({ inputs: { settings } }, actual) =>
      actual === PAUSED
        ? []
        : Object.entries(settings).flatMap(([key, wished]) => difference(key, actual[key], wished)),
    create: async ({ inputs: { ref, settings } }) => {
      await change(http, ref, settings);
      return undefined;
    },
    update: ({ inputs: { ref, settings } }, _, differences) => {
      const changed = Object.entries(settings).filter(([key]) => differences.some(({ path }) => path === key));
      return change(http, ref, Object.fromEntries(changed));
    },
    delete: async () => undefined,
    outputs: () => ({}),
  };
}

function difference(path: string, actual: unknown, wished: Setting): Difference[] {
  if (comparable(path, actual) === comparable(path, wished)) return [];
  const lowersProtection = path in PROTECTIVE && wished !== PROTECTIVE[path];
  return [{ path, before: shown(actual), after: shown(wished), ...(lowersProtection && { lowersProtection }) }];
}

/** `null` is the vendor's word for "as shipped", which for texts is empty; the order of a list of URLs means nothing. */
function comparable(path: string, value: unknown): string {
  const text = shown(value);
  if (path !== 'uri_allow_list') return text;
  return text
    .split(',')
    .map((url) => url.trim())
    .sort()
    .join(',');
}

function shown(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

async function read(http: Http, ref: string): Promise<Actual | undefined> {
  const asked = http.request({
    operation: 'read auth settings',
    method: 'GET',
    path: `/v1/projects/${encodeURIComponent(ref)}/config/auth`,
    schema: z.record(z.string(), z.unknown()),
    scope: `read-auth:${ref}`,
    permission: 'Auth Config read',
  });
  try {
    return await unlessGone(asked);
  } catch (thrown) {
    if (hasStatus(thrown, PROJECT_PAUSED)) return PAUSED;
    throw thrown;
  }
}

async function change(http: Http, ref: string, settings: Readonly<Record<string, Setting>>): Promise<void> {
  await http.request({
    operation: `change auth settings (${Object.keys(settings).join(', ')})`,
    method: 'PATCH',
    path: `/v1/projects/${encodeURIComponent(ref)}/config/auth`,
    body: settings,
    schema: z.unknown(),
    scope: `change-auth:${ref}`,
    repeatable: true,
    permission: 'Auth Config write',
  });
}

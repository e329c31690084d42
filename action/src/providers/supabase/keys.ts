import * as z from 'zod';
import { ProviderError } from '../../engine/errors.ts';
import type { Found, Identity, Kind } from '../../engine/kind.ts';
import { poll } from '../../lib/poll.ts';
import { Secret } from '../../lib/secret.ts';
import { conflict, hasStatus } from '../failure.ts';
import type { Http } from '../http.ts';
import { unlessGone } from './gone.ts';

export type SupabaseKeysInputs = { readonly ref: string };

export interface KeyPair {
  readonly publishableKey: string;
  readonly secretKey: Secret;
}

const NAME = 'default';
/** The platform makes both keys by itself, some seconds after the project; only then do we. */
const PATIENCE = { everyMs: 1_000, forMs: 60_000 };
const TYPES = ['publishable', 'secret'] as const;

const keysShape = z.array(
  z.object({ id: z.string().nullish(), type: z.string().nullish(), name: z.string(), api_key: z.string().nullish() }),
);
type Keys = z.infer<typeof keysShape>;

/**
 * The `default` publishable and secret key of a project: https://supabase.com/docs/guides/api/api-keys. They belong to
 * the project and go with it.
 */
export function supabaseKeys(http: Http): Kind<SupabaseKeysInputs, KeyPair> {
  return {
    name: 'supabase.keys',
    holdsData: false,
    stableOutputs: ['publishableKey', 'secretKey'],
    identify: ({ inputs }) => identify(http, inputs.ref),
    read: async ({ inputs }) => pairOf((await list(http, inputs.ref)) ?? []),
    diff: () => [],
    create: async ({ inputs, clock, signal }) => {
      const born = async () => pairOf((await list(http, inputs.ref)) ?? []);
      return (await poll(clock, PATIENCE, born, signal)) ?? createMissing(http, inputs.ref);
    },
    update: async () => undefined,
    delete: async () => undefined,
    outputs: (_, { actual }) => ({ ...actual }),
  };
}

async function identify(http: Http, ref: string): Promise<Identity<KeyPair>> {
  const found = pairOf((await list(http, ref)) ?? []);
  return found ? { state: 'found', ...found } : { state: 'absent' };
}

function pairOf(keys: Keys): Found<KeyPair> | undefined {
  const [publishable, secret] = TYPES.map((type) => keys.find((key) => key.type === type && key.name === NAME));
  if (!publishable?.api_key || !secret?.api_key) return undefined;
  return {
    id: publishable.id ?? NAME,
    actual: { publishableKey: publishable.api_key, secretKey: revealed(secret.api_key) },
  };
}

/** Without the permission to reveal, the vendor gives the beginning of the key and dots. */
function revealed(key: string): Secret {
  if (/^[\x21-\x7e]+$/.test(key)) return new Secret(key);
  throw new ProviderError(
    { vendor: 'supabase', operation: 'read API keys', transient: false, ambiguous: false },
    'supabase: read API keys gave the secret key masked',
    'Give SUPABASE_ACCESS_TOKEN the permission API Key Secrets read.',
  );
}

function list(http: Http, ref: string): Promise<Keys | undefined> {
  return unlessGone(
    http.request({
      operation: 'read API keys',
      method: 'GET',
      path: `/v1/projects/${encodeURIComponent(ref)}/api-keys`,
      query: { reveal: 'true' },
      schema: keysShape,
      scope: `read-keys:${ref}`,
      permission: 'API Keys read, API Key Secrets read',
    }),
  );
}

/** Gives nothing back: the engine reads what is there now, ours or the platform's. */
async function createMissing(http: Http, ref: string): Promise<undefined> {
  const present = (await list(http, ref)) ?? [];
  for (const type of TYPES) {
    if (!present.some((key) => key.type === type && key.name === NAME)) await create(http, ref, type);
  }
}

async function create(http: Http, ref: string, type: 'publishable' | 'secret'): Promise<void> {
  try {
    await http.request({
      operation: `create ${type} API key`,
      method: 'POST',
      path: `/v1/projects/${encodeURIComponent(ref)}/api-keys`,
      query: { reveal: 'false' },
      body: { type, name: NAME, ...(type === 'secret' && { secret_jwt_template: { role: 'service_role' } }) },
      schema: z.unknown(),
      scope: `create-key:${ref}`,
      permission: 'API Keys write',
    });
  } catch (thrown) {
    throw hasStatus(thrown, 409) ? conflict(thrown) : thrown;
  }
}

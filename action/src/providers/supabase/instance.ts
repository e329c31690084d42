import type { SupabaseClient } from '@supabase/supabase-js';
import { ProviderError } from '../../engine/errors.ts';
import type { Limiter } from '../../lib/limiter.ts';
import type { Secret } from '../../lib/secret.ts';
import { foreignText } from '../foreign-text.ts';
import { createHttp, type FetchOptions, type HttpPolicy } from '../http.ts';
import { instanceVendor } from './vendor.ts';

/** What supabase-js resolves to; it throws only where it is misused. */
interface SdkResult {
  readonly data: unknown;
  readonly error: unknown;
}

/** What it resolves to when there was no error. */
export type SdkData<R extends SdkResult> = Extract<R, { readonly error: null }>['data'];

/** One instance, signed in to with one of its keys. */
export interface Instance {
  /**
   * One call through supabase-js under our HTTP policy; throws the `ProviderError` that its last answer amounts to.
   * `work` gets a client of its own, so a session that it opens is forgotten with it.
   */
  call<R extends SdkResult>(
    operation: string,
    work: (client: SupabaseClient) => PromiseLike<R>,
    options?: Omit<FetchOptions, 'onFailure'>,
  ): Promise<SdkData<R>>;
}

/** Opens instances by their URL and a key: the secret one for administration, the publishable one to act as anybody. */
export type Instances = (url: string, key: Secret | string) => Instance;

/** Node 20 has no WebSocket and supabase-js wants one to be constructed; nothing of ours listens to Realtime. */
class NoTransport {}

/**
 * supabase-js is loaded with the first call: a run that changes nothing does without it. `credential` is how remedies
 * call the key; an agency's own keys unless told.
 */
export function instances(policy: HttpPolicy, limiter: Limiter, credential?: string): Instances {
  return (url, key) => ({
    call: async (operation, work, options) => {
      const { createClient } = await import('@supabase/supabase-js');
      let failure: ProviderError | undefined;
      const http = createHttp(instanceVendor(url, credential), policy, limiter);
      const fetch = http.fetch(operation, `instance:${url}`, {
        ...options,
        onFailure: (error) => {
          failure = error;
        },
      });
      const client = createClient(url, typeof key === 'string' ? key : key.reveal(), {
        auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
        realtime: { transport: NoTransport as never },
        db: { retry: false },
        global: { fetch },
      });
      const { data, error } = await work(client);
      if (error === null || error === undefined) return data;
      if (failure) throw failure;
      // supabase-js makes an error of its own of a run that was stopped.
      policy.signal?.throwIfAborted();
      throw unexpected(operation, error);
    },
  });
}

/** An answer of 200 that supabase-js could not use: something may have been done. */
function unexpected(operation: string, error: unknown): ProviderError {
  const why = error instanceof Error ? error.message : 'no reason given';
  return new ProviderError(
    { vendor: 'supabase', operation, transient: true, ambiguous: true },
    `supabase: ${operation} was answered with something unreadable: ${foreignText(why)}`,
    'Run again; if it stays so, look at the instance’s logs.',
    error,
  );
}

import { BlockedError, ProviderError } from '../engine/errors.ts';
import { timestamp } from '../lib/clock.ts';
import { createLimiter } from '../lib/limiter.ts';
import type { Secret } from '../lib/secret.ts';
import { hasCode } from '../providers/failure.ts';
import type { HttpPolicy } from '../providers/http.ts';
import { type Instance, instances } from '../providers/supabase/instance.ts';
import type { ControlPlane, JobEnd, OnboardingRequest } from './control-plane.ts';
import {
  byAge,
  COLUMNS,
  JOB_COLUMNS,
  jobColumns,
  OPEN,
  openJobsOf,
  requestColumns,
  requestOf,
  rowsOf,
} from './rows.ts';

/** Where the company's own database is, and the key that may write there. */
export interface ControlPlaneAccess {
  readonly url: string;
  readonly secretKey: Secret;
}

const REQUESTS = 'agency_onboarding_requests';
const JOBS = 'provisioning_jobs';
/** Half of what an API allows a page unless it is configured otherwise. */
const PAGE = 500;
/** Ids that one address has room for. */
const IDS = 100;
/** The company's database has better things to do. */
const AT_ONCE = 8;
const READ = { permission: 'a secret key (sb_secret_…) of that project' } as const;
/** All our writes set absolute values by id, so a second time does no harm. */
const WRITE = { ...READ, repeatable: true } as const;
/** A text that is no id of that table's kind: no uuid, no number, or too great a one. */
const NO_SUCH_ID = ['22P02', '22003'];
const NO_SUCH_REQUEST = '23503';
/** No table or no column of that name, by the Data API and by PostgreSQL. */
const NO_SCHEMA = ['PGRST205', 'PGRST204', '42P01', '42703'];

/**
 * The company's own Supabase database through its Data API, with `migrations/control-plane` applied.
 * https://docs.postgrest.org/en/v13/references/api/tables_views.html
 */
export function supabaseControlPlane({ url, secretKey }: ControlPlaneAccess, policy: HttpPolicy): ControlPlane {
  const limiter = createLimiter(policy.clock, () => ({ concurrency: AT_ONCE }));
  const instance = instances(policy, limiter, 'CONTROL_PLANE_SUPABASE_SECRET_KEY')(url, secretKey);
  const ended = (end: JobEnd) => {
    const completedAt = timestamp(policy.clock.now());
    return jobColumns({ ...(end.state === 'completed' && WELL_ENDED), ...end, completedAt });
  };
  const call: Instance['call'] = (...asked) => instance.call(...asked).catch(explain);
  return {
    requests: async (states, unusable) => {
      const rows = await pages(async (last) => {
        const page = await call(
          'read onboarding requests',
          (client) => {
            const all = client.from(REQUESTS).select(COLUMNS).in('status', states);
            return (last === undefined ? all : all.gt('id', last)).order('id').limit(PAGE);
          },
          READ,
        );
        return rowsOf(page);
      });
      return rows.sort(byAge).flatMap((row): OnboardingRequest[] => {
        const request = requestOf(row);
        if (!('unusable' in request)) return [request];
        unusable?.(request.unusable);
        return [];
      });
    },
    request: async (id) => {
      const found = await unless(NO_SUCH_ID, () =>
        call(
          'read an onboarding request',
          (client) => client.from(REQUESTS).select(COLUMNS).eq('id', id).limit(1),
          READ,
        ),
      );
      const [row] = rowsOf(found ?? []);
      if (!row) return undefined;
      const request = requestOf(row);
      if (!('unusable' in request)) return request;
      const { message, remedy } = request.unusable;
      throw new BlockedError(message, remedy);
    },
    tell: async (id, progress) => {
      const columns = requestColumns(progress);
      if (Object.keys(columns).length === 0) return;
      await unless(NO_SUCH_ID, () =>
        call('update an onboarding request', (client) => client.from(REQUESTS).update(columns).eq('id', id), WRITE),
      );
    },
    tellJob: async (job) => {
      const row = { id: job.id, request_id: job.requestId, ...jobColumns(job) };
      await unless([...NO_SUCH_ID, NO_SUCH_REQUEST], () =>
        call('write a provisioning job', (client) => client.from(JOBS).upsert(row, { onConflict: 'id' }), WRITE),
      );
    },
    openJobs: () =>
      pages(async (last) => {
        const page = await call(
          'read open provisioning jobs',
          (client) => {
            const all = client.from(JOBS).select(JOB_COLUMNS).in('status', OPEN).not('request_id', 'is', null);
            return (last === undefined ? all : all.gt('id', last)).order('id').limit(PAGE);
          },
          READ,
        );
        return openJobsOf(page);
      }),
    endJobs: async (ids, end) => {
      const columns = ended(end);
      for (let at = 0; at < ids.length; at += IDS) {
        const some = ids.slice(at, at + IDS);
        await call(
          'end provisioning jobs',
          (client) => client.from(JOBS).update(columns).in('id', some).in('status', OPEN),
          WRITE,
        );
      }
    },
  };
}

const WELL_ENDED = { currentStep: null, errorMessage: null } as const;

/**
 * All rows, page by page. By id and not by number of rows: rows that change state meanwhile must not push others off a
 * page. A page may be shorter than asked for, so only an empty one is the end.
 */
async function pages<T extends { readonly id: string }>(read: (last?: string) => Promise<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for (let last: string | undefined; ; ) {
    const page = await read(last);
    rows.push(...page);
    last = page.at(-1)?.id;
    if (last === undefined) return rows;
  }
}

/** What was asked, or `undefined` where the database answers with one of these codes. */
async function unless<T>(codes: readonly string[], ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (hasCode(thrown, ...codes)) return undefined;
    throw thrown;
  }
}

function explain(thrown: unknown): never {
  if (!hasCode(thrown, ...NO_SCHEMA)) throw thrown;
  throw new ProviderError(
    thrown.failure,
    thrown.message,
    'Apply migrations/control-plane to the database at CONTROL_PLANE_SUPABASE_URL, as docs/control-plane.md says, and run again.',
    thrown.cause,
  );
}

import type { Database, Run } from '../database.ts';
import type { Caller } from '../gateway.ts';
import type { InstanceOptions } from '../instance.ts';

/** What every handler of the Auth API is given. */
export interface AuthContext extends InstanceOptions {
  readonly database: Database;
}

/** A request that the gateway let in. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly caller: Caller;
}

/** Vendor time as the database takes it, e.g. `2026-11-22T10:00:00.000Z`. */
export function timestamp(context: AuthContext): string {
  return new Date(context.clock.now()).toISOString();
}

/** One transaction as the auth server's own database user, with `auth` as its search path, as the vendor's has. */
export function inAuth<T>(context: AuthContext, work: (run: Run) => Promise<T>): Promise<T> {
  return context.database.transaction('supabase_auth_admin', work);
}

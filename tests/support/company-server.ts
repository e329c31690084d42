import { afterAll } from 'vitest';
import { listen } from '../../local-cloud/http-server.ts';
import type { TestInstance } from '../../local-cloud/instance/fixture.ts';
import { openCompany } from './company-database.ts';

/** What becomes of a request of the company's database: `lose` its answer, or let it be. */
export type Fate = 'lose' | undefined;

export interface ServedCompany {
  readonly database: TestInstance;
  /** For CONTROL_PLANE_SUPABASE_URL. */
  readonly url: string;
  /** Every request since it was emptied, as `PATCH provisioning_jobs`. */
  readonly calls: string[];
  /** Told of each before and after the database did its work. */
  between: (call: string, when: 'before' | 'after') => Promise<Fate> | Fate;
}

/** The company's database behind a port, for processes of their own. It is closed after the last test of the file. */
export async function aServedCompany(ref: string): Promise<ServedCompany> {
  const database = await openCompany(ref);
  const served: { -readonly [K in keyof ServedCompany]: ServedCompany[K] } = {
    database,
    url: '',
    calls: [],
    between: () => undefined,
  };
  const server = await listen('127.0.0.1', 0, async (request) => {
    const call = `${request.method} ${new URL(request.url).pathname.split('/').at(-1)}`;
    served.calls.push(call);
    if ((await served.between(call, 'before')) === 'lose') return { kind: 'cut', how: 'reset' };
    const response = await database.fetch(request);
    if ((await served.between(call, 'after')) === 'lose') return { kind: 'cut', how: 'reset' };
    return { kind: 'answer', response };
  });
  served.url = server.origin;
  afterAll(async () => {
    await server.close();
    await database.remove();
  });
  return served;
}

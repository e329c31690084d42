import { afterAll } from 'vitest';
import { listen } from '../../local-cloud/http-server.ts';
import type { TestInstance } from '../../local-cloud/instance/fixture.ts';
import { openCompany } from './company-database.ts';

export interface ServedCompany {
  readonly database: TestInstance;
  /** For CONTROL_PLANE_SUPABASE_URL. */
  readonly url: string;
}

/** The company's database behind a port, for processes of their own. It is closed after the last test of the file. */
export async function aServedCompany(ref: string): Promise<ServedCompany> {
  const database = await openCompany(ref);
  const server = await listen('127.0.0.1', 0, async (request) => ({
    kind: 'answer',
    response: await database.fetch(request),
  }));
  afterAll(async () => {
    await server.close();
    await database.remove();
  });
  return { database, url: server.origin };
}

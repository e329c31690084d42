import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exchange } from './check.ts';
import type { Vendor } from './documents.ts';

const CLOUD = join(import.meta.dirname, '..', '..', 'local-cloud');

/** Where each vendor's routes are written. */
const FOLDERS: Record<Vendor, string> = { supabase: 'supabase/management', vercel: 'vercel', resend: 'resend' };

/** One route of an emulated vendor, as Hono writes it: `GET /v1/projects/:ref`. */
export interface Route {
  readonly vendor: Vendor;
  readonly method: string;
  readonly path: string;
}

/** Every route that the local cloud emulates and whose vendor has a document. */
export async function emulatedRoutes(): Promise<readonly Route[]> {
  const found = await Promise.all(
    Object.entries(FOLDERS).map(async ([vendor, folder]) => routesIn(vendor as Vendor, join(CLOUD, folder))),
  );
  return found.flat();
}

async function routesIn(vendor: Vendor, folder: string): Promise<Route[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /(?<!\.test)\.ts$/.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) =>
    [...text.matchAll(/\bapp\.(get|post|put|patch|delete)\('(\/[^']+)'/g)].flatMap(([, method = '', path = '']) =>
      versionsOf(path).map((one) => ({ vendor, method: method.toUpperCase(), path: one })),
    ),
  );
}

/** The newest of the versions that a route stands for: `:version{v9|v10}`. Older ones answer the same. */
function versionsOf(path: string): string[] {
  return [path.replace(/:version\{([^}]*)\}/, (_, versions: string) => versions.split('|').at(-1) ?? '')];
}

/** Whether `exchange` went through `route`. */
export function went({ vendor, method, path }: Route, exchange: Exchange): boolean {
  const pattern = new RegExp(`^${path.replace(/:[a-z]+/gi, '[^/]+')}$`);
  return exchange.vendor === vendor && exchange.method === method && pattern.test(exchange.path);
}

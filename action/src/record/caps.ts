import { MIGRATION_LIMIT_BYTES } from '../manifest/migrations.ts';
import { FLEET_LIMIT_BYTES } from '../manifest/parse.ts';

/** Well above what the manifest and migration rules allow: what is longer is refused by them, read or not. */
export const YAML_CAP_BYTES = 300 * 1024;
export const SQL_CAP_BYTES = 4 * 1024 * 1024 + 1;

/** One for all, so that a thousand of them take no more room than one. */
const [YAML, SQL] = ['#'.repeat(FLEET_LIMIT_BYTES + 1), '-'.repeat(MIGRATION_LIMIT_BYTES + 1)];

/**
 * What stands for the text of a file that is too large to be fetched; the rules refuse it as they would that text.
 * `undefined` where the file may be read.
 */
export function inPlaceOf(path: string, bytes: number | undefined): string | undefined {
  const [cap, text] = path.endsWith('.sql') ? [SQL_CAP_BYTES, SQL] : [YAML_CAP_BYTES, YAML];
  return bytes !== undefined && bytes > cap ? text : undefined;
}

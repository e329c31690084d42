import { readFileSync } from 'node:fs';

const files = ['1-roles.sql', '2-auth.sql', '3-storage.sql', '4-guard.sql'];

/** The SQL that turns a fresh PostgreSQL into one of Supabase's, in the order to run it. */
export function bootstrapSql(): string[] {
  return files.map((file) => readFileSync(new URL(`./bootstrap/${file}`, import.meta.url), 'utf8'));
}

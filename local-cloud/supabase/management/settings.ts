import type { Hono } from 'hono';
import { z } from 'zod';
import { bodyOf, type Management, projectOf } from './vendor.ts';

const passwordBody = z.strictObject({ password: z.string().min(4) });

/** What tools read around a project: storage, pooler, backups, add-ons, branches. */
export function settingsRoutes(app: Hono, api: Management): void {
  // The password itself is dropped: our wire protocol asks for none, and nobody can read it back.
  app.patch('/v1/projects/:ref/database/password', async (c) => {
    projectOf(api, c);
    await bodyOf(c, passwordBody);
    return c.json({ message: 'Successfully updated password' });
  });

  app.get('/v1/projects/:ref/config/storage', (c) => {
    projectOf(api, c);
    return c.json(storageConfig);
  });

  app.get('/v1/projects/:ref/config/database/pooler', (c) => {
    const { ref, region } = projectOf(api, c);
    return c.json([poolerConfig(ref, region)]);
  });

  app.get('/v1/projects/:ref/database/backups', (c) => {
    const { region } = projectOf(api, c);
    return c.json({ region, walg_enabled: true, pitr_enabled: false, backups: [], physical_backup_data: {} });
  });

  app.get('/v1/projects/:ref/billing/addons', (c) => {
    projectOf(api, c);
    return c.json({ selected_addons: [], available_addons: [] });
  });

  app.get('/v1/projects/:ref/branches', (c) => {
    projectOf(api, c);
    return c.json([]);
  });
}

const storageConfig = {
  fileSizeLimit: 52_428_800,
  features: {
    imageTransformation: { enabled: false },
    s3Protocol: { enabled: true },
    purgeCache: { enabled: false },
    icebergCatalog: { enabled: false, maxNamespaces: 0, maxTables: 0, maxCatalogs: 0 },
    vectorBuckets: { enabled: false, maxBuckets: 0, maxIndexes: 0 },
  },
  capabilities: { list_v2: true, iceberg_catalog: false, object_versioning: false },
  external: { upstreamTarget: 'main' },
  migrationVersion: 'optimize-existing-functions-again',
};

function poolerConfig(ref: string, region: string): Record<string, unknown> {
  const host = `aws-0-${region}.pooler.supabase.com`;
  const user = `postgres.${ref}`;
  const url = `postgresql://${user}:[YOUR-PASSWORD]@${host}:6543/postgres`;
  return {
    identifier: ref,
    database_type: 'PRIMARY',
    is_using_scram_auth: true,
    db_user: user,
    db_host: host,
    db_port: 6543,
    db_name: 'postgres',
    connection_string: url,
    connectionString: url,
    default_pool_size: null,
    max_client_conn: null,
    pool_mode: 'transaction',
  };
}

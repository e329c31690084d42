import { describe, expect, it } from 'vitest';
import { aSupabase, member } from '../../testing.ts';

describe('SQL over the Management API', () => {
  it('answers 201 with the rows and hands over parameters and the wish to only read', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    rig.instances.result = { ok: true, rows: [{ n: 1 }, { n: 9007199254740993n }, { n: 12n }] };
    const body = { query: 'select $1', parameters: ['a'], read_only: true };
    expect(await rig.call('POST', `/v1/projects/${ref}/database/query`, body)).toEqual({
      status: 201,
      body: [{ n: 1 }, { n: '9007199254740993' }, { n: 12 }],
    });
    expect(rig.instances.queries).toEqual([{ ref, sql: 'select $1', readOnly: true, parameters: ['a'] }]);
  });

  it('writes unless told otherwise, and only reads on the read-only endpoint', async () => {
    const rig = await aSupabase();
    const path = `/v1/projects/${await rig.readyProject()}/database/query`;
    await rig.call('POST', path, { query: 'a' });
    await rig.call('POST', `${path}/read-only`, { query: 'b' });
    expect(rig.instances.queries.map(({ sql, readOnly }) => [sql, readOnly])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect((await rig.call('POST', `${path}/read-only`, { query: 'b', read_only: false })).status).toBe(400);
  });

  it("wraps Postgres' own words for an error", async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    const message = 'ERROR:  42P01: relation "x" does not exist\nLINE 1: select * from x\n';
    rig.instances.result = { ok: false, code: '42P01', message };
    expect(await rig.call('POST', `/v1/projects/${ref}/database/query`, { query: 'select * from x' })).toEqual({
      status: 400,
      body: { message: `Failed to run sql query: ${message}` },
    });
  });

  it.each([[{ query: '' }], [{}], [{ query: 'select 1', timeout: 3 }], [{ query: 1 }]])('refuses %j', async (body) => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    expect((await rig.call('POST', `/v1/projects/${ref}/database/query`, body)).status).toBe(400);
    expect(rig.instances.queries).toEqual([]);
  });

  it('times out at the gateway while the database comes up, and nothing is opened', async () => {
    const rig = await aSupabase();
    const body = { name: 'acme', organization_slug: rig.organizationSlug, db_pass: 'x' };
    const ref = member((await rig.call('POST', '/v1/projects', body)).body, 'ref');
    const ask = () => rig.call('POST', `/v1/projects/${ref}/database/query`, { query: 'select 1' });
    expect((await ask()).status).toBe(544);
    expect(rig.instances.opened).toEqual([]);
  });
});

describe('the list of migrations', () => {
  it('is empty without a ledger', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    rig.instances.result = { ok: true, rows: [{ oid: null }] };
    expect((await rig.call('GET', `/v1/projects/${ref}/database/migrations`)).body).toEqual([]);
  });

  it('is what the ledger holds', async () => {
    const rig = await aSupabase();
    const ref = await rig.readyProject();
    rig.instances.result = { ok: true, rows: [{ version: '20260101000000', name: 'init' }] };
    expect(await rig.call('GET', `/v1/projects/${ref}/database/migrations`)).toEqual({
      status: 200,
      body: [{ version: '20260101000000', name: 'init' }],
    });
    expect(rig.instances.queries.every(({ readOnly }) => readOnly)).toBe(true);
  });
});

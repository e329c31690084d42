import { beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../action/src/outcome.ts';
import { openControlRoom } from '../support/control-room.ts';
import { allowances, covers } from './allowed.ts';
import { createChecker, type Exchange, type Finding, textOf } from './check.ts';
import { readDocuments } from './documents.ts';
import { everythingElse } from './others.ts';
import { lifeOfAnAgency } from './product.ts';
import { emulatedRoutes, went } from './routes.ts';
import { record } from './traffic.ts';

const { OPENAPI_DIR: folder = '' } = process.env;
if (folder === '') {
  console.warn(
    'Traffic is not compared with the vendors’ documents. Run: npm run conformity (OPENAPI_DIR names them).',
  );
}

describe.runIf(folder !== '')('traffic with the vendors', () => {
  let reports: readonly RunReport[];
  let exchanges: readonly Exchange[];
  let findings: readonly Finding[];

  beforeAll(async () => {
    // On `platform` a project can be paused, which the other paid plans refuse.
    const room = await openControlRoom({ plan: 'platform' });
    exchanges = record(room.cloud);
    reports = await lifeOfAnAgency(room);
    await everythingElse(room.variables, room.fetch);
    const { check } = createChecker(await readDocuments(folder));
    findings = exchanges.flatMap(check);
  }, 120_000);

  it('is that of runs which did their work', () => {
    expect(reports.map(({ agencies }) => agencies.map(({ result }) => result))).toEqual([
      ['done'],
      ['unchanged'],
      ['done'],
      ['done'],
      ['done'],
      ['unchanged'],
      ['done'],
      ['done'],
      ['done'],
    ]);
  });

  it('goes through every route that is emulated', async () => {
    const routes = await emulatedRoutes();
    expect(routes.length).toBeGreaterThan(60);
    const silent = routes.filter((route) => !exchanges.some((exchange) => went(route, exchange)));
    expect(silent.map(({ vendor, method, path }) => `${vendor} ${method} ${path}`)).toEqual([]);
  });

  it('conforms to the vendors’ documents', () => {
    const unexpected = findings.filter((finding) => !allowances.some((allowance) => covers(allowance, finding)));
    expect([...new Set(unexpected.map(textOf))]).toEqual([]);
  });

  it('needs every allowance', () => {
    const idle = allowances.filter((allowance) => !findings.some((finding) => covers(allowance, finding)));
    expect(idle.map(({ operation, place, problem }) => `${operation} ${place}: ${problem}`)).toEqual([]);
  });
});

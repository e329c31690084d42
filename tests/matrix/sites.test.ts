import { describe, expect, it } from 'vitest';
import { isRead, type Logged, nameOf, sitesOf } from './sites.ts';

const REF = 'eyzhromesvjflgbwxpga';

function logged(service: string, method: string, path: string): Logged {
  return { service, method, path, status: 200 };
}

const namesOf = (...log: Logged[]): string[] => sitesOf(log).map(nameOf);

describe('call sites', () => {
  it('are told apart by service, method, path and how often they were called before', () => {
    expect(
      namesOf(
        logged('supabase', 'POST', '/v1/projects'),
        logged('vercel', 'POST', '/v11/projects'),
        logged('supabase', 'POST', '/v1/projects'),
      ),
    ).toEqual(['supabase POST /v1/projects#1', 'vercel POST /v11/projects#1', 'supabase POST /v1/projects#2']);
  });

  it.each([
    ['supabase', `/v1/projects/${REF}/health`, '/v1/projects/*/health'],
    ['vercel', '/v10/projects/prj_vfxdLZnyDh4N2Wke/env', '/v10/projects/*/env'],
    ['vercel', '/v13/deployments/dpl_5D8RBGY9aZerN0sL', '/v13/deployments/*'],
    ['resend', '/emails/fa269f1e-db94-450f-a2fe-42a5add3d55b', '/emails/*'],
    ['site', '/pf-acme-studio.vercel.app/', '/*/'],
    ['project', `/${REF}/rest/v1/invoices`, '/*/rest/v1/*'],
    ['project', `/${REF}/rest/v1/users`, '/*/rest/v1/users'],
    ['vercel', '/v9/projects/pf-acme-studio', '/v9/projects/pf-acme-studio'],
    ['github', '/repos/example/app/commits/v1.4.0', '/repos/example/app/commits/v1.4.0'],
  ])('of %s leave out what is made up: %s', (service, path, name) => {
    const [site] = sitesOf([logged(service, 'GET', path)]);
    if (!site) throw new Error('there is one');
    expect(nameOf(site)).toBe(`${service} GET ${name}#1`);
    expect(path).toMatch(new RegExp(site.path));
  });

  it('are two for a poll, however long it was, and all for what acts', () => {
    const poll = logged('supabase', 'GET', `/v1/projects/${REF}`);
    const act = logged('project', 'PUT', `/${REF}/auth/v1/admin/users/fa269f1e-db94-450f-a2fe-42a5add3d55b`);
    expect(namesOf(poll, poll, act, poll, act, poll, act)).toEqual([
      'supabase GET /v1/projects/*#1',
      'supabase GET /v1/projects/*#2',
      'project PUT /*/auth/v1/admin/users/*#1',
      'project PUT /*/auth/v1/admin/users/*#2',
      'project PUT /*/auth/v1/admin/users/*#3',
    ]);
  });

  it('of other tables do not match the one that has a site of its own, with or without a query', () => {
    const [others] = sitesOf([logged('project', 'GET', `/${REF}/rest/v1/tasks`)]);
    const pattern = new RegExp(others?.path ?? '');
    expect(`/${REF}/rest/v1/tasks?select=*`).toMatch(pattern);
    expect(`/${REF}/rest/v1/users`).not.toMatch(pattern);
    expect(`/${REF}/rest/v1/users?select=*`).not.toMatch(pattern);
  });
});

describe('a read', () => {
  it.each([
    ['GET', '/v1/projects', true],
    ['POST', '/v1/projects', false],
    ['POST', `/v1/projects/${REF}/database/query`, false],
    ['POST', `/v1/projects/${REF}/database/query/read-only`, true],
    ['POST', `/${REF}/auth/v1/token`, false],
  ])('%s %s: %s', (method, path, reads) => {
    expect(isRead({ method, path })).toBe(reads);
    const [site] = sitesOf([logged('any', method, path)]);
    expect(site && isRead(site)).toBe(reads);
  });
});

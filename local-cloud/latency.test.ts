import { describe, expect, it } from 'vitest';
import { callLatency, instantProfile, vendorProfile } from './latency.ts';

const ref = 'aaaaaaaaaaaaaaaaaaaa';

describe("the vendors' latencies", () => {
  it.each([
    ['supabase', 'POST', '/v1/projects', 1_500],
    ['supabase', 'GET', `/v1/projects/${ref}/api-keys?reveal=true`, 400],
    ['supabase', 'POST', `/v1/projects/${ref}/database/query`, 3_000],
    ['supabase', 'PATCH', `/v1/projects/${ref}/config/auth`, 800],
    ['project', 'POST', `/${ref}/auth/v1/admin/users`, 600],
    ['vercel', 'POST', '/v11/projects', 800],
    ['vercel', 'POST', '/v10/projects/prj_x/env?upsert=true', 600],
    ['vercel', 'POST', '/v10/projects/prj_x/domains', 600],
    ['resend', 'POST', '/emails', 300],
    ['supabase', 'GET', '/v1/projects', 100],
    ['vercel', 'GET', '/v11/projects', 100],
    ['resend', 'POST', '/v1/projects', 100],
  ])('of %s %s %s are %d ms', (service, method, path, ms) => {
    const request = new Request(`http://cloud.test${path}`, { method });
    expect(callLatency(vendorProfile, service, request)).toBe(ms);
    expect(callLatency(instantProfile, service, request)).toBe(0);
  });

  it('let the keys come before the database and the services after it', () => {
    const { keysMs, legacyKeysMs, healthyMs, servicesMs } = vendorProfile.project;
    expect(legacyKeysMs).toBeLessThan(keysMs);
    expect(keysMs).toBeLessThan(healthyMs);
    expect(servicesMs).toBeGreaterThan(0);
  });
});

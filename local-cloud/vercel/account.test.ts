import { describe, expect, it } from 'vitest';
import { at, aVercel, team } from './testing.ts';

const get = (path: string, headers: Record<string, string>): Request =>
  new Request(`http://vercel.test${path}`, { headers });

describe('who may call', () => {
  it('answers 403 without a token, as the vendor does, and says when a token is wrong', async () => {
    const { service } = aVercel();
    const without = await service.fetch(get('/v2/user', {}));
    const wrong = await service.fetch(get('/v2/user', { authorization: 'Bearer nope' }));
    expect([without.status, wrong.status]).toEqual([403, 403]);
    expect(await without.json()).toEqual({ error: { code: 'forbidden', message: 'Not authorized' } });
    expect(await wrong.json()).toEqual({ error: { code: 'forbidden', message: 'Not authorized', invalidToken: true } });
  });

  it('knows the person and the team', async () => {
    const { call } = aVercel();
    expect(at(await call('GET', '/v2/user'), 'user.username')).toBe('local-cloud');
    expect(at(await call('GET', '/v2/teams'), 'teams.0.slug')).toBe(team.slug);
    expect(at(await call('GET', `/v2/teams/${team.id}`), 'name')).toBe(team.name);
    expect((await call('GET', '/v2/teams/team_other')).status).toBe(404);
  });

  it('refuses another team', async () => {
    const { call } = aVercel();
    expect((await call('GET', '/v9/projects', undefined, 'teamId=team_other')).status).toBe(403);
    expect((await call('GET', '/v9/projects', undefined, 'slug=other')).status).toBe(403);
  });

  it('takes the team by slug, and does not show a team project to the personal account', async () => {
    const { call } = aVercel();
    await call('POST', '/v11/projects', { name: 'mine' }, `slug=${team.slug}`);
    expect((await call('GET', '/v9/projects/mine')).status).toBe(200);
    expect(await call('GET', '/v9/projects/mine', undefined, '')).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
    expect(at(await call('GET', '/v9/projects', undefined, ''), 'projects')).toEqual([]);
  });

  it('answers 501 for what it does not emulate', async () => {
    const { call } = aVercel();
    const answer = await call('POST', '/v1/webhooks', {});
    expect(answer.status).toBe(501);
    expect(at(answer, 'error.code')).toBe('not_emulated');
  });
});

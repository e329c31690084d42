import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  projectKind,
  type SupabaseCloud,
  type SupabaseCloudOptions,
  supabaseCloud,
} from '../../../../tests/support/supabase-cloud.ts';
import { runKind } from '../../../../tests/support/vendor-cloud.ts';
import { BlockedError } from '../../engine/errors.ts';
import { redact } from '../../lib/redact.ts';
import type { SupabaseProjectInputs } from './project.ts';
import { projectApi } from './project-api.ts';

let cloud: SupabaseCloud;
beforeEach(async () => {
  cloud = await supabaseCloud();
});
afterEach(() => cloud.close());

/** Another cloud than the usual one. */
async function moveTo(options: SupabaseCloudOptions): Promise<void> {
  await cloud.close();
  cloud = await supabaseCloud(options);
}

const name = 'agency-acme-uid-1';
const wish = (over: Partial<SupabaseProjectInputs> = {}) => ({
  name,
  region: 'us-east-1',
  size: 'micro',
  ...over,
});
const run = (options: Parameters<typeof runKind>[2] = {}, over: Partial<SupabaseProjectInputs> = {}) =>
  runKind(projectKind(cloud), wish(over), options);

interface Listed {
  readonly ref: string;
  readonly name: string;
}
const projects = async () => (await cloud.asAdmin('GET', '/v1/projects')) as Listed[];

/** A project that a person made in the dashboard. */
async function aProjectOfSomebody(called = name): Promise<Listed> {
  const body = {
    name: called,
    organization_slug: cloud.organization,
    db_pass: 'theirs-0123456789',
    region_selection: { type: 'specific', code: 'us-east-1' },
  };
  return (await cloud.asAdmin('POST', '/v1/projects', body)) as Listed;
}

/** What a run that must not succeed ended with. */
async function failureOf(running: Promise<unknown>): Promise<Error> {
  const ended = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(ended instanceof Error)) throw new Error('the run succeeded');
  return ended;
}

describe('supabase.project', () => {
  it('creates one project and waits until its status and each of its services are healthy', async () => {
    const done = await run();
    expect(done.result).toBe('created');
    expect(await cloud.writes()).toEqual(['POST /v1/projects']);
    expect((await projects()).map(({ ref, name }) => ({ ref, name }))).toEqual([{ ref: done.id, name }]);
    const waited = done.events.flatMap((event) => (event.type === 'waiting' ? [event.on] : []));
    expect(waited).toEqual(['the project (UNKNOWN)', 'the project (COMING_UP)', 'its services: auth, rest, storage']);
    const health = (await cloud.asAdmin('GET', `/v1/projects/${done.id}/health?services=auth,db,rest,storage`)) as {
      status: string;
    }[];
    expect(health.map(({ status }) => status)).toEqual(Array(4).fill('ACTIVE_HEALTHY'));
  });

  it('hands out reference, URL and name, and records whose it is and where', async () => {
    const done = await run();
    expect(done.outputs).toEqual({ ref: done.id, url: cloud.projectUrl.replace('{ref}', done.id), name });
    expect(done.recorded).toEqual({ id: done.id, uid: 'uid-1', region: 'us-east-1', name });
  });

  it('sends a database password that nobody can guess, and forgets it masked', async () => {
    const bodies: unknown[] = [];
    await moveTo({
      over: {
        fetch: async (input, init) => {
          if (typeof init?.body === 'string') bodies.push(JSON.parse(init.body));
          return cloud.cloud.fetch(new Request(input, init));
        },
      },
    });
    await run();
    const [{ db_pass: password, ...body }] = bodies as [{ db_pass: string }];
    expect(password).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(redact(`x ${password} x`)).toBe('x *** x');
    expect(body).toEqual({
      name,
      organization_slug: cloud.organization,
      region_selection: { type: 'specific', code: 'us-east-1' },
      desired_instance_size: 'micro',
    });
  });

  it('changes nothing the second time', async () => {
    const { recorded } = await run();
    await cloud.forget();
    expect((await run({ recorded })).result).toBe('unchanged');
    expect(await cloud.writes()).toEqual([]);
  });

  it('recovers what it made and did not record', async () => {
    const made = await run();
    await cloud.forget();
    const again = await run({ recorded: { intent: '2026-01-01T00:00:00Z' } });
    expect(again).toMatchObject({ result: 'recovered', id: made.id });
    expect(await cloud.writes()).toEqual([]);
  });

  it('creates nothing twice when the answer to the create is lost', async () => {
    await cloud.fault({ service: 'supabase', method: 'POST', path: '/v1/projects$', effect: 'drop-after-commit' });
    const done = await run();
    expect(done.result).toBe('created');
    expect((await projects()).map(({ ref }) => ref)).toEqual([done.id]);
  });

  it('creates nothing twice when the answer is lost and the list does not show it yet', async () => {
    await cloud.fault({ service: 'supabase', method: 'POST', path: '/v1/projects$', effect: 'drop-after-commit' });
    const hidden = { service: 'supabase', method: 'GET', path: '/projects\\?', effect: 'stale', ms: 1e9 };
    await cloud.fault({ ...hidden, nth: 2, count: 9 });
    const done = await run();
    expect((await projects()).map(({ ref }) => ref)).toEqual([done.id]);
  });

  it('asks again when the create was lost before it was done, once the list can no longer be stale', async () => {
    await cloud.fault({ service: 'supabase', method: 'POST', path: '/v1/projects$', effect: 'drop-before' });
    const started = cloud.clock.elapsed();
    const clock = cloud.clock;
    const done = await run({ clock });
    expect(clock.elapsed() - started).toBeGreaterThanOrEqual(30_000);
    expect((await projects()).map(({ ref }) => ref)).toEqual([done.id]);
  });

  it('finds a project of its name on the second page of the list', async () => {
    for (let n = 0; n < 101; n += 1) await aProjectOfSomebody(`somebody-${n}`);
    const mine = await aProjectOfSomebody();
    expect(await run({ recorded: { intent: 'open' } })).toMatchObject({ result: 'recovered', id: mine.ref });
  });

  it('refuses two projects of its name, naming both, and touches neither', async () => {
    const [one, two] = [await aProjectOfSomebody(), await aProjectOfSomebody()];
    await cloud.forget();
    const error = await failureOf(run());
    expect(error).toBeInstanceOf(BlockedError);
    expect(error.message).toContain(one.ref);
    expect(error.message).toContain(two.ref);
    expect(await cloud.writes()).toEqual([]);
  });

  it('takes over a project by explicit id, and gives it its name', async () => {
    const theirs = await aProjectOfSomebody('legacy');
    const done = await run({ adopt: theirs.ref, permits: [`supabase.project:adopt:${theirs.ref}`] });
    expect(done).toMatchObject({ result: 'adopted', id: theirs.ref });
    expect((await projects()).map(({ name }) => name)).toEqual([name]);
  });

  it.each([
    ['to be adopted', { recorded: false }],
    ['recorded as if it had been adopted', { recorded: true }],
  ])('refuses another agency’s project that is %s', async (_, { recorded }) => {
    const theirs = await aProjectOfSomebody('agency-beta-studio-beta1234');
    const adopting = { adopt: theirs.ref, permits: [`supabase.project:adopt:${theirs.ref}`] };
    await cloud.forget();
    const error = await failureOf(run({ ...adopting, ...(recorded && { recorded: { id: theirs.ref } }) }));
    expect(error).toBeInstanceOf(BlockedError);
    expect(error.message).toContain(
      recorded ? 'or is another agency’s' : 'it is that of the agency beta-studio, and nobody else’s',
    );
    expect(error).toMatchObject({ remedy: expect.not.stringContaining('spec.adopt') });
    expect(await cloud.writes()).toEqual([]);
  });

  it.each(['other-beta-studio-beta1234', 'agency-intranet', 'agency-acme-uid-1-copy'])(
    'takes over %s, which is no agency’s, where that is allowed',
    async (called) => {
      const theirs = await aProjectOfSomebody(called);
      const adopting = { adopt: theirs.ref, permits: [`supabase.project:adopt:${theirs.ref}`] };
      expect(await run(adopting)).toMatchObject({ result: 'adopted', id: theirs.ref });
    },
  );

  it('does not create one instead of a project that was to be adopted and is not there', async () => {
    const error = await failureOf(run({ adopt: 'abcdefghijklmnopqrst' }));
    expect(error.message).toBe(
      'supabase.project is blocked: there is no Supabase project abcdefghijklmnopqrst to adopt',
    );
    expect(await projects()).toEqual([]);
  });

  it.each([
    ['deleted', async (ref: string) => cloud.asAdmin('DELETE', `/v1/projects/${ref}`), 'is gone'],
    [
      'renamed',
      async (ref: string) => cloud.asAdmin('PATCH', `/v1/projects/${ref}`, { name: 'other' }),
      'is called "other", not "agency-acme-uid-1"',
    ],
  ])('is blocked when its project was %s', async (_, harm, because) => {
    const { recorded, id } = await run();
    await harm(id);
    await cloud.forget();
    const error = await failureOf(run({ recorded }));
    expect(error).toBeInstanceOf(BlockedError);
    expect(error.message).toContain(because);
    expect(await cloud.writes()).toEqual([]);
  });

  it.each(['drop-after-commit', 'drop-before'])(
    'recreates one where that is allowed, however the answer ends (%s)',
    async (effect) => {
      const { recorded, id } = await run();
      await cloud.asAdmin('DELETE', `/v1/projects/${id}`);
      await cloud.fault({ service: 'supabase', method: 'POST', path: '/v1/projects$', effect });
      const done = await run({ recorded, recreate: id, permits: [`supabase.project:recreate:${id}`] });
      expect(done.id).not.toBe(id);
      expect((await projects()).map(({ ref }) => ref)).toEqual([done.id]);
    },
  );

  it('refuses a recorded id that is another agency’s project', async () => {
    const other = await aProjectOfSomebody('agency-other-uid-2');
    await cloud.forget();
    expect(await failureOf(run({ recorded: { id: other.ref } }))).toBeInstanceOf(BlockedError);
    expect(await cloud.writes()).toEqual([]);
  });

  it('cannot be moved to another region', async () => {
    const { recorded } = await run();
    const error = await failureOf(run({ recorded }, { region: 'eu-west-1' }));
    expect(error.message).toContain('region (us-east-1 -> eu-west-1) cannot change');
  });

  it('reports another size and leaves it', async () => {
    await run();
    const done = await run({}, { size: 'large' });
    expect(done.because).toContain('the size is micro and the manifest says large');
    expect(await cloud.writes()).toEqual(['POST /v1/projects']);
  });

  it('restores a project that was paused behind our back, with no other', async () => {
    await moveTo({ plan: 'free' });
    const { recorded, id } = await run();
    await cloud.asAdmin('POST', `/v1/projects/${id}/pause`);
    await cloud.forget();
    const done = await run({ recorded });
    expect(done).toMatchObject({ result: 'updated', id, recorded, outputs: { ref: id } });
    expect(await cloud.writes()).toEqual([`POST /v1/projects/${id}/restore`]);
    expect(await cloud.asAdmin('GET', `/v1/projects/${id}`)).toMatchObject({ status: 'ACTIVE_HEALTHY' });
    expect((await run({ recorded })).result).toBe('unchanged');
  });

  describe('of an agency that is suspended', () => {
    const suspended = { suspended: true };
    const statusOf = async (id: string) =>
      ((await cloud.asAdmin('GET', `/v1/projects/${id}`)) as { status: string }).status;

    it('is paused where the plan allows it, and only once', async () => {
      await moveTo({ plan: 'free' });
      const { recorded, id } = await run();
      await cloud.forget();
      const done = await run({ recorded }, suspended);
      expect(done).toMatchObject({ result: 'updated', recorded, outputs: { ref: id, database: 'paused' } });
      expect(await statusOf(id)).toBe('INACTIVE');
      expect((await run({ recorded }, suspended)).result).toBe('unchanged');
      expect(await cloud.writes()).toEqual([`POST /v1/projects/${id}/pause`]);
    });

    it('is left running where the plan does not', async () => {
      const { recorded, id } = await run();
      await cloud.forget();
      const done = await run({ recorded }, suspended);
      expect(done).toMatchObject({ result: 'unchanged', recorded, outputs: { ref: id, database: 'running' } });
      expect(await statusOf(id)).toBe('ACTIVE_HEALTHY');
      expect(await cloud.writes()).toEqual([]);
    });

    it.each(['pause', 'restore'])('waits with a %s until what was begun before is over', async (verb) => {
      await moveTo({ plan: 'free' });
      const { recorded, id } = await run();
      await run({ recorded }, suspended);
      if (verb === 'restore') await run({ recorded });
      // Sent on its way the other way, by a run that died.
      await cloud.asAdmin('POST', `/v1/projects/${id}/${verb === 'pause' ? 'restore' : 'pause'}`);
      expect((await run({ recorded }, verb === 'pause' ? suspended : {})).result).toBe('updated');
      expect(await statusOf(id)).toBe(verb === 'pause' ? 'INACTIVE' : 'ACTIVE_HEALTHY');
    });

    it.each(['pause', 'restore'])('settles a lost answer to %s by looking', async (verb) => {
      await moveTo({ plan: 'free' });
      const { recorded, id } = await run();
      if (verb === 'restore') await run({ recorded }, suspended);
      await cloud.forget();
      await cloud.fault({ service: 'supabase', method: 'POST', path: `/${verb}$`, effect: 'drop-after-commit' });
      expect((await run({ recorded }, verb === 'pause' ? suspended : {})).result).toBe('updated');
      expect(await cloud.writes()).toEqual([`POST /v1/projects/${id}/${verb}`]);
    });
  });

  it('names the quota, and that nothing shared is used instead', async () => {
    await moveTo({ quota: 0 });
    const error = await failureOf(run());
    expect(error.message).toContain('maximum limits for the number of active free projects');
    expect(error).toMatchObject({ remedy: expect.stringContaining('Nothing shared is used in its place') });
    expect(await projects()).toEqual([]);
  });

  it('names the variable when the token is refused', async () => {
    await moveTo({ token: `sbp_${'0'.repeat(40)}` });
    const error = await failureOf(run());
    expect(error).toMatchObject({
      remedy: expect.stringMatching(/^Check SUPABASE_ACCESS_TOKEN: .*Organization Projects/),
    });
  });

  it('waits on a status that it has never heard of', async () => {
    const { recorded, id } = await run();
    const body = { ref: id, name, region: 'us-east-1', status: 'REPLANTING', new_field: 1 };
    const path = `/v1/projects/${id}$`;
    await cloud.fault({ service: 'supabase', method: 'GET', path, effect: 'status', status: 200, body, count: 2 });
    const done = await run({ recorded });
    expect(done.result).toBe('unchanged');
    expect(done.events).toContainEqual(expect.objectContaining({ type: 'waiting', on: 'the project (REPLANTING)' }));
  });

  it('removes its project, and finds nothing to remove the second time', async () => {
    const { id } = await run();
    const api = projectApi(cloud.http);
    await api.remove(id);
    await api.remove(id);
    expect(await projects()).toEqual([]);
  });

  it('does not take a project that is too young to be deleted for one that is gone', async () => {
    const { ref } = await aProjectOfSomebody();
    await expect(projectApi(cloud.http).remove(ref)).rejects.toThrow('not ready for deletion');
  });

  it('surveys every living project from the list alone', async () => {
    const [one, two] = [await aProjectOfSomebody('one'), await aProjectOfSomebody('two')];
    await cloud.forget();
    expect(await projectKind(cloud).survey?.(new AbortController().signal)).toEqual(
      new Map([
        [one.ref, { name: 'one' }],
        [two.ref, { name: 'two' }],
      ]),
    );
    expect(await cloud.requests()).toHaveLength(1);
  });
});

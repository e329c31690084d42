import { beforeAll, describe, expect, it } from 'vitest';
import type { Recorder } from '../../action/src/record/recorder.ts';
import type { ForgeRepository } from '../../local-cloud/github/forge-repository.ts';
import { type Agency, anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { hostedIn, statusIn } from '../support/hosted-room.ts';
import { instanceOf, mailTo, signIn } from '../support/people.ts';
import { isRead } from '../support/traffic.ts';

const NAME = 'example/agency-control-room';

let room: ControlRoom;
let hosted: ForgeRepository;

beforeAll(async () => {
  room = await openControlRoom();
  hosted = await room.cloud.forge.seed(NAME, await room.files());
});

/** A run in the repository, until it dies. */
function aRun(attempt: number) {
  const hosting = hostedIn(room, NAME, { run: { id: '1', attempt } });
  let dead = false;
  return {
    ports: hosting.ports(mortal(hosting.recorder, () => dead)),
    die: () => {
      dead = true;
    },
  };
}

/** Nothing is written by the dead. */
function mortal(recorder: Recorder, isDead: () => boolean): Recorder {
  const alive = <T>(work: () => Promise<T>) => (isDead() ? Promise.reject(new Error('killed')) : work());
  return {
    save: (file, status) => alive(() => recorder.save(file, status)),
    flush: () => alive(() => recorder.flush()),
  };
}

const statusOf = ({ slug }: Agency) => statusIn(hosted, slug);

async function expectHandedOver(agency: Agency) {
  const { projects, vercelProjects, deployments, users, mails } = await room.state();
  expect(projects.filter(({ name }) => name === agency.supabaseName)).toHaveLength(1);
  const own = vercelProjects.filter(({ name }) => name === agency.vercelName);
  expect(own).toHaveLength(1);
  expect(deployments.filter(({ project }) => [own[0]?.id, agency.vercelName].includes(project))).toHaveLength(1);
  expect(users.filter(({ email }) => email === agency.owner.email)).toHaveLength(1);
  expect(mails.filter(({ to }) => to.includes(agency.owner.email))).toHaveLength(1);
  const mail = await mailTo(room, agency.owner.email);
  const instance = (await statusOf(agency))?.outputs;
  await room.put(agency.file, (await hosted.read(agency.file)) ?? '');
  expect(instance?.instanceUrl).toBeDefined();
  const { error } = await signIn(room, await instanceOf(room, agency.slug), mail.login, mail.password);
  expect(error).toBeUndefined();
}

describe('a run that is killed between two commits of its record', () => {
  it.each([
    ['the database', 'POST', /^\/v1\/projects$/, { service: 'supabase', path: '^/v1/organizations/[^/]+/projects' }],
    ['the project', 'POST', /^\/v\d+\/projects$/, undefined],
    ['the owner', 'POST', /\/auth\/v1\/admin\/users$/, undefined],
    ['the deployment', 'POST', /^\/v13\/deployments/, { service: 'vercel', path: '^/v7/deployments' }],
    ['the mail', 'POST', /^\/emails/, undefined],
  ] as const)(
    'after it made %s: the next one adopts it, however late the lists are',
    async (what, method, path, list) => {
      const agency = anAgency(`${what.replace('the ', '')}-case`);
      await hosted.push('main', { [agency.file]: agency.text() });
      const first = aRun(1);
      let made = false;
      room.intercept((sent) => {
        if (made) return Response.json({ message: 'killed' }, { status: 500 });
        if (sent.method === method && path.test(sent.path) && !isRead(sent)) {
          made = true;
          first.die();
        }
        return undefined;
      });
      await room.apply([agency.slug], { ports: first.ports });
      expect(made).toBe(true);
      const { 'supabase.project': database, ...others } = (await statusOf(agency))?.resources ?? {};
      expect(database).toEqual({ intent: expect.any(String) });
      expect(Object.keys(others).filter((address) => address !== 'vercel.project')).toEqual([]);

      room.intercept();
      if (list) await room.fault({ ...list, method: 'GET', effect: 'stale', ms: 3_600_000, nth: 1, count: 3 });
      const applied = await hosted.head();
      const { report, text } = await room.apply([], { ports: aRun(2).ports });
      const fired = await room.calm();
      if (list) expect(fired).toEqual([3]);
      expect(report.result, text).toBe('done');
      await expectHandedOver(agency);
      expect((await statusOf(agency))?.lastAppliedRevision).toBe(applied);
      const commits = await hosted.log();
      expect((await room.apply([], { ports: aRun(3).ports })).report.agencies).toEqual([]);
      expect(await hosted.log()).toEqual(commits);
    },
  );
});

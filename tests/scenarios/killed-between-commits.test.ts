import { beforeAll, describe, expect, it } from 'vitest';
import { gitData } from '../../action/src/forge/git-data.ts';
import { createGitHub, repositoryOf } from '../../action/src/forge/github.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import { readStatus } from '../../action/src/manifest/status.ts';
import type { RunPorts } from '../../action/src/ports.ts';
import { commitRecorder } from '../../action/src/record/commits.ts';
import { headRoom } from '../../action/src/record/head.ts';
import type { Recorder } from '../../action/src/record/recorder.ts';
import { acquireRefLease } from '../../action/src/record/ref-lease.ts';
import type { ForgeRepository } from '../../local-cloud/github/forge-repository.ts';
import { type Agency, anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';
import { instanceOf, mailTo, signIn } from '../support/people.ts';
import { isRead } from '../support/traffic.ts';

const NAME = 'example/agency-control-room';

let room: ControlRoom;
let hosted: ForgeRepository;

beforeAll(async () => {
  room = await openControlRoom();
  const files = Object.entries(await room.files()).filter(([path]) => !path.startsWith('agencies/'));
  hosted = await room.cloud.forge.seed(NAME, Object.fromEntries(files));
});

/** A run that reads, records and takes turns through the API, until it dies. */
function overTheForge(attempt: number) {
  const { forge } = room.cloud;
  const { clock } = room;
  const access = { token: new Secret(forge.workflowToken), apiUrl: forge.apiUrl };
  const git = gitData(repositoryOf(createGitHub(access, { clock, fetch: forge.fetch }), NAME));
  const head = headRoom({ git, branch: 'main', repository: NAME });
  const refused = () => Promise.reject(new Error('no pull request is needed here'));
  const recorder = commitRecorder({
    git,
    room: head,
    branch: 'main',
    pulls: { ensure: refused },
    clock,
    tell: () => undefined,
  });
  let dead = false;
  const claimant = { owner: 'apply', run: { id: '1', attempt } };
  const ports: Partial<RunPorts> = {
    load: () => head.read(),
    lease: () => acquireRefLease({ git, clock, claimant, beats: false }),
    recorder: mortal(recorder, () => dead),
  };
  return {
    ports,
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

async function statusOf({ file }: Agency) {
  const reading = readStatus({ file, text: (await hosted.read(file)) ?? '' });
  return reading.ok ? reading.status : undefined;
}

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
      const first = overTheForge(1);
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
      const { report, text } = await room.apply([], { ports: overTheForge(2).ports });
      const fired = await room.calm();
      if (list) expect(fired).toEqual([3]);
      expect(report.result, text).toBe('done');
      await expectHandedOver(agency);
      const commits = await hosted.log();
      expect((await room.apply([], { ports: overTheForge(3).ports })).report.agencies).toEqual([]);
      expect(await hosted.log()).toEqual(commits);
    },
  );
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { crash, expectDone, lose, persist, stumble } from './cases.ts';
import { applyHere } from './here.ts';
import { expectHandedOver, expectNoWrites } from './oracle.ts';
import { SLUG } from './room.ts';
import { nameOf, type Site } from './sites.ts';
import { aWorld, type World } from './world.ts';

const { program, forgetsProjects, mailsTwice } = inject('programs');
const sites = inject('sites');

function siteCalled(name: string): Site {
  const site = sites.find((one) => nameOf(one) === name);
  if (!site) throw new Error(`no call site is called ${name}`);
  return site;
}

const createProject = siteCalled('supabase POST /v1/projects#1');
const sendMail = siteCalled('resend POST /emails#1');
const nowhere: Site = { service: 'vercel', method: 'POST', path: '^/nowhere$', nth: 1 };
const failing = { effect: 'status', status: 500 };

async function changePassword(world: World): Promise<void> {
  const { SUPABASE_API_URL: api, SUPABASE_ACCESS_TOKEN: token } = world.variables;
  const [project] = (await world.state()).projects;
  const answer = await fetch(`${api}/v1/projects/${project?.ref}/database/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: "update auth.users set encrypted_password = ''" }),
  });
  expect(answer.status).toBe(201);
}

describe('the matrix itself', () => {
  it('notices a run that creates again what it did not record', async () => {
    await expect(crash(forgetsProjects, createProject, 'after')).rejects.toThrow('Supabase projects');
  });

  it('lets the same run pass where nothing was created yet', async () => {
    await crash(forgetsProjects, createProject, 'before');
  });

  it('notices a second mail', async () => {
    await expect(crash(mailsTwice, sendMail, 'after')).rejects.toThrow('mails');
    await expect(lose(mailsTwice, sendMail)).rejects.toThrow('mails');
  });

  it('fails a case whose fault is never hit', async () => {
    await expect(crash(program, nowhere, 'before')).rejects.toThrow('never hit');
    await expect(lose(program, nowhere)).rejects.toThrow('never hit');
    await expect(stumble([nowhere], failing)).rejects.toThrow('never hit');
    await expect(stumble([createProject, nowhere], failing)).rejects.toThrow('never hit: vercel POST /nowhere#1');
    await expect(persist(nowhere, failing)).rejects.toThrow('never hit');
  });

  it('notices a write of a run that should only look', async () => {
    const world = await aWorld();
    await expect(expectNoWrites(world, () => expectDone(program, world))).rejects.toThrow('requests that write');
  });

  it('notices a password that is not the mailed one, and a manifest that lost a word', async () => {
    const world = await aWorld();
    await applyHere(world);
    await expectHandedOver(world);
    await changePassword(world);
    await expect(expectHandedOver(world)).rejects.toThrow('signing in with the mailed password');
    const file = join(world.room, 'agencies', `${SLUG}.yaml`);
    await writeFile(file, (await readFile(file, 'utf8')).replace('# as on their letters', ''));
    await expect(expectHandedOver(world)).rejects.toThrow('what people wrote');
  });
});

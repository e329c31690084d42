import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cloud } from '../../local-cloud/cloud.ts';
import type { ForgeRepository } from '../../local-cloud/github/forge-repository.ts';
import { createRunner, type JobRun, type Runner } from '../../local-cloud/runner/runner.ts';
import type { Output } from '../commands/command.ts';
import { type Mailed, mailTo, signIn } from './owner.ts';
import { roomFiles } from './room.ts';

/** What the demo plays with. */
export interface Stage {
  readonly cloud: Pick<Cloud, 'origin' | 'environment' | 'forge'>;
  readonly out: Output;
}

/** What came of it: pages to look at, and owners who can sign in. */
export interface Played {
  readonly pulls: readonly string[];
  readonly mails: readonly Mailed[];
}

/** The repository that `docs/examples/fleet.yaml` names. */
export const ROOM = 'example/agency-control-room';
const OWNER = 'example';
const SECRETS = ['SUPABASE_ACCESS_TOKEN', 'VERCEL_TOKEN', 'RESEND_API_KEY', 'PROVISIONER_SECRET'];
const ACTION = join(fileURLToPath(new URL('../../', import.meta.url)), 'action', 'dist', 'index.js');

/** The action runs on Node 24 at GitHub; here it is whatever there is, and a library remarks on 20. */
const NODE_NOTICE = /^.*Node\.js 20 and below are deprecated.*\n*/gm;

export const CAST = [
  { id: 'request-1', agency_name: 'Acme Studio', owner_name: 'Ada Acme', owner_email: 'owner@acme.example' },
  { id: 'request-2', agency_name: 'North & Light', owner_name: 'Noor Light', owner_email: 'owner@northlight.example' },
] as const;

/** From two requests to two owners who signed in, by merging. Rejects at the first thing that is not so. */
export async function play(stage: Stage): Promise<Played> {
  const { cloud } = stage;
  const room = await roomAt(cloud.forge);
  const runner = runnerFor(stage);

  say(stage, 'Somebody approves two requests in the company’s app, which dispatches them');
  for (const request of CAST) await dispatch(stage, request);
  const begun = await settle(stage, runner);
  const pulls = begun.flatMap(({ outputs }) => outputs['pull-request-url'] ?? []).filter((url) => url !== '');
  for (const url of pulls) stage.out.write(`✓ pull request with its plan: ${url}\n`);

  say(stage, 'An admin merges them');
  const numbers = pulls.map((url) => Number(url.split('/').at(-1)));
  for (const number of numbers) if (await isOpen(stage, number)) await room.merge(number, { by: OWNER });
  const merged = await settle(stage, runner);

  say(stage, 'Each owner signs in with what was mailed');
  const mails: Mailed[] = [];
  for (const { owner_email } of CAST) mails.push(await welcome(stage, owner_email));

  const applied = merged.find(({ workflow }) => workflow === 'apply');
  if (applied) await assertNothingLeft(stage, runner, applied, room);
  return { pulls, mails };
}

async function roomAt(forge: Cloud['forge']): Promise<ForgeRepository> {
  try {
    return forge.repository(ROOM);
  } catch {
    // A cloud that was started before has it already.
    return forge.seed(ROOM, await roomFiles());
  }
}

function runnerFor({ cloud, out }: Stage): Runner {
  const all = { ...cloud.environment(), GITHUB_SERVER_URL: cloud.forge.serverUrl };
  const entries = Object.entries(all).filter(([name]) => name !== 'GITHUB_TOKEN');
  const isSecret = ([name]: [string, string]) => SECRETS.includes(name);
  return createRunner({
    forge: cloud.forge,
    repository: ROOM,
    script: ACTION,
    secrets: Object.fromEntries(entries.filter(isSecret)),
    variables: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    onJob: (name) => out.write(`▸ ${name}\n`),
    onOutput: (text) => out.write(text.replace(NODE_NOTICE, '').replace(/^(?=.)/gm, '  │ ')),
  });
}

/** What the company's own app sends: https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event */
async function dispatch({ cloud }: Stage, { id, ...request }: (typeof CAST)[number]): Promise<void> {
  const answer = await fetch(`${cloud.forge.apiUrl}/repos/${ROOM}/dispatches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${cloud.forge.token({ as: OWNER })}`, 'content-type': 'application/json' },
    body: JSON.stringify({ event_type: 'agency-approved', client_payload: { request_id: id, ...request } }),
  });
  if (answer.status !== 204) throw new Error(`the dispatch was answered with ${answer.status}`);
}

async function isOpen({ cloud }: Stage, number: number): Promise<boolean> {
  const answer = await fetch(`${cloud.forge.apiUrl}/repos/${ROOM}/pulls/${number}`, {
    headers: { authorization: `Bearer ${cloud.forge.token({ as: OWNER })}` },
  });
  const pull: unknown = await answer.json();
  return typeof pull === 'object' && pull !== null && 'state' in pull && pull.state === 'open';
}

async function settle(stage: Stage, runner: Runner): Promise<readonly JobRun[]> {
  const runs = await runner.settle();
  const red = runs.find(({ code }) => code !== 0);
  if (red) throw new Error(`${red.workflow} ended red: ${red.outputs.summary ?? red.log}`);
  for (const { workflow, outputs } of runs) stage.out.write(`✓ ${workflow}: ${outputs.summary}\n`);
  return runs;
}

async function welcome({ cloud, out }: Stage, email: string): Promise<Mailed> {
  const mailed = await mailTo(email, cloud.environment());
  const role = await signIn(mailed);
  if (role !== 'admin') throw new Error(`${email} signed in as ${role}, not as admin`);
  out.write(`✓ ${email} signed in at ${mailed.url} as ${role}\n`);
  return mailed;
}

async function assertNothingLeft(stage: Stage, runner: Runner, applied: JobRun, room: ForgeRepository): Promise<void> {
  say(stage, 'Somebody runs the workflow again');
  const before = await room.head();
  const { code, outputs, log } = await runner.rerun(applied);
  const isNoop = code === 0 && outputs.changed === 'false' && (await room.head()) === before;
  if (!isNoop) throw new Error(`a second run was no noop: ${log}`);
  stage.out.write('✓ nothing was left to do, and nothing was committed\n');
}

function say({ out }: Stage, text: string): void {
  out.write(`\n› ${text}\n`);
}

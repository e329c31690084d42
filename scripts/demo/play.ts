import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '../../local-cloud/cloud.ts';
import { runCli } from '../cli.ts';
import { EXIT, type Output, type World } from '../commands/command.ts';
import { type Mailed, mailTo, signIn } from './owner.ts';

/** What the demo plays with. */
export interface Stage {
  readonly room: string;
  readonly cloud: Pick<Cloud, 'origin' | 'environment'>;
  /** The process's own variables: what the terminal can do stands in them. */
  readonly variables: World['variables'];
  readonly out: Output;
  readonly signal: AbortSignal;
}

export const CAST = [
  { slug: 'acme-studio', name: 'Acme Studio', email: 'owner@acme.example', owner: 'Ada Acme' },
  { slug: 'north-light', name: 'North & Light', email: 'owner@northlight.example', owner: 'Noor Light' },
] as const;

/** From two manifests to two owners who signed in: what they were mailed. Rejects at the first thing that is not so. */
export async function play(stage: Stage): Promise<Mailed[]> {
  for (const { slug, name, email, owner } of CAST) {
    if (existsSync(join(stage.room, 'agencies', `${slug}.yaml`))) continue;
    await command(stage, EXIT.done, 'new', slug, '--name', name, '--owner', email, '--owner-name', owner);
  }
  await command(stage, EXIT.done, 'validate');
  await command(stage, undefined, 'plan');
  await command(stage, EXIT.done, 'apply');
  say(stage, 'Each owner signs in with what was mailed');
  const mails: Mailed[] = [];
  for (const { email } of CAST) mails.push(await welcome(stage, email));
  await assertNothingLeft(stage);
  return mails;
}

/** Runs one command as if it had been typed, and shows it. `expected` undefined: any exit but a failure. */
async function command(stage: Stage, expected: number | undefined, ...words: string[]): Promise<void> {
  say(stage, `npm run provision -- ${words.map(quoted).join(' ')}`);
  const code = await runCli(words, worldOf(stage, stage.out));
  if (expected === undefined ? code === EXIT.failed : code !== expected) {
    throw new Error(`${words[0]} ended with ${code}`);
  }
}

async function welcome({ cloud, out }: Stage, email: string): Promise<Mailed> {
  const mailed = await mailTo(email, cloud.environment());
  const role = await signIn(mailed);
  if (role !== 'admin') throw new Error(`${email} signed in as ${role}, not as admin`);
  out.write(`✓ ${email} signed in at ${mailed.url} as ${role}\n`);
  return mailed;
}

async function assertNothingLeft(stage: Stage): Promise<void> {
  const slugs = CAST.map(({ slug }) => slug);
  say(stage, `npm run provision -- apply ${slugs.join(' ')}`);
  let lines = '';
  const heard: Output = {
    write: (text) => {
      lines += text;
    },
  };
  const code = await runCli(['apply', ...slugs, '--json'], worldOf(stage, heard));
  const last = JSON.parse(lines.trim().split('\n').at(-1) ?? '{}') as { changed?: number };
  if (code !== EXIT.done || last.changed !== 0) throw new Error(`a second apply was no noop: ${lines}`);
  stage.out.write(`✓ nothing was left to do: ${slugs.length} agencies looked at, none changed\n`);
}

function worldOf({ cloud, variables, room, signal, out }: Stage, stdout: Output): World {
  const { TERM, CI, NO_COLOR } = variables;
  return { variables: { TERM, CI, NO_COLOR, ...cloud.environment() }, cwd: room, signal, stdout, stderr: out };
}

function say({ out }: Stage, text: string): void {
  out.write(`\n› ${text}\n`);
}

function quoted(word: string): string {
  return /^[\w@.-]+$/.test(word) ? word : `'${word}'`;
}

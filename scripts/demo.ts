import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cloud, startCloud } from '../local-cloud/cloud.ts';
import { ensureTemplate } from '../local-cloud/instance/template.ts';
import { holdFolder } from './commands/cloud-folder.ts';
import { type Played, play } from './demo/play.ts';
import { silenceNodeNotice } from './quiet.ts';

/** Two minutes of the vendors' time in about five seconds. */
const SPEED = 25;

const USAGE = 'npm run demo -- [--once] [--dir FOLDER] [--speed TIMES]';
const values = wished();
const speed = Number(values.speed ?? SPEED);
silenceNodeNotice();
const stopping = new AbortController();
// One Ctrl-C arrives several times: from the terminal, and from each of the processes that pass it on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
const dir = values.dir === undefined ? await mkdtemp(join(tmpdir(), 'agency-demo-')) : resolve(values.dir);
const started = performance.now();

/** What was typed; ends the process where nobody could mean it. */
function wished() {
  try {
    const options = { once: { type: 'boolean' }, dir: { type: 'string' }, speed: { type: 'string' } } as const;
    const read = parseArgs({ options }).values;
    if (read.speed !== undefined && !(Number(read.speed) > 0)) throw new Error(`--speed takes a number above 0`);
    return read;
  } catch (thrown) {
    console.error(`${thrown instanceof Error ? thrown.message : String(thrown)}\nUsage: ${USAGE}`);
    process.exit(1);
  }
}

try {
  await demo();
} catch (thrown) {
  console.error(`\nThe demo stopped: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exitCode = 1;
} finally {
  if (values.dir === undefined) await rm(dir, { recursive: true, force: true });
}

async function demo(): Promise<void> {
  console.log('Starting the local cloud: an emulated Supabase (with a real Postgres), Vercel, Resend and GitHub …');
  await ensureTemplate();
  const folder = join(dir, 'cloud');
  const held = await holdFolder(folder);
  const cloud = await startCloud({ dir: folder, port: 0, speed });
  try {
    console.log(`It is open at ${cloud.origin}/ and runs ${speed} times as fast as the vendors.`);
    showWhere(cloud, await play({ cloud, out: process.stdout }));
    if (!values.once) await untilStopped();
  } finally {
    await cloud.close();
    await held.release();
  }
}

function showWhere(cloud: Cloud, { pulls, mails }: Played): void {
  console.log(`\nDone in ${Math.round((performance.now() - started) / 1_000)} s. Open in a browser:`);
  for (const url of pulls) console.log(`  ${url}   a pull request with its plan, merged`);
  console.log(`  ${cloud.origin}/inbox   the welcome mails, with login and temporary password`);
  for (const { url, email } of mails) console.log(`  ${url}   sign in as ${email}`);
  console.log(`  ${cloud.origin}/        everything that exists`);
}

async function untilStopped(): Promise<void> {
  console.log('\nThe local cloud stays open. Ctrl-C ends it.');
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
}

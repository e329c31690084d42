import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCloud } from '../local-cloud/cloud.ts';
import { ensureTemplate } from '../local-cloud/instance/template.ts';
import { runCli } from './cli.ts';
import type { World } from './commands/command.ts';
import { makeRoom } from './demo/room.ts';
import { silenceNodeNotice } from './quiet.ts';
import { checks } from './supabase-cli/checks.ts';
import { install, toolIn, VERSION } from './supabase-cli/tool.ts';

/** Polls of the provisioner take a hundredth of their time. */
const SPEED = 100;
const SLUG = 'acme-studio';

silenceNodeNotice();
const dir = await mkdtemp(join(tmpdir(), 'supabase-cli-'));
try {
  process.exitCode = await main();
} finally {
  await rm(dir, { recursive: true, force: true });
}

/** Checks that the official Supabase CLI agrees with us. 0 when it does, 1 with the differences when not. */
async function main(): Promise<number> {
  console.log(`The official Supabase CLI ${VERSION} (npm, kept in .cache/) against the local cloud and our ledger`);
  const program = await install(fileURLToPath(new URL('../.cache/', import.meta.url)));
  await ensureTemplate();
  const cloud = await startCloud({ dir: join(dir, 'cloud'), port: 0, speed: SPEED });
  try {
    const room = join(dir, 'room');
    await makeRoom(room);
    const variables = { ...cloud.environment(), GITHUB_REPOSITORY: '' };
    const provision = (...words: string[]) => typed(words, room, variables);
    await mustBeDone(provision('new', SLUG, '--name', 'Acme Studio', '--owner', 'owner@acme.example'));
    await mustBeDone(provision('apply', SLUG));
    const tool = await toolIn(join(dir, 'tool'), program, variables);
    let failures = 0;
    for (const { name, run } of checks) {
      const bench = { tool, provision, room, folder: join(dir, 'tool'), slug: SLUG, variables };
      const difference = await run(bench).catch((error: Error) => error.message);
      console.log(difference === undefined ? `✓ ${name}` : `✗ ${name}\n  ${difference.replaceAll('\n', '\n  ')}`);
      if (difference !== undefined) failures += 1;
    }
    return failures === 0 ? 0 : 1;
  } finally {
    await cloud.close();
  }
}

/** Runs one of our commands as if it had been typed. */
async function typed(words: string[], cwd: string, variables: World['variables']) {
  let text = '';
  const heard = {
    write: (part: string) => {
      text += part;
    },
  };
  const { signal } = new AbortController();
  const code = await runCli(words, { variables, cwd, signal, stdout: heard, stderr: heard });
  return { code, text };
}

async function mustBeDone(ended: ReturnType<typeof typed>): Promise<void> {
  const { code, text } = await ended;
  if (code !== 0) throw new Error(`Our own command ended with ${code}:\n${text}`);
}

import { resolve } from 'node:path';
import { BlockedError } from '../../action/src/engine/errors.ts';
import { isCode } from '../../action/src/lib/errno.ts';
import { holdFolder, rememberedPort, rememberPort } from './cloud-folder.ts';
import { type Arguments, type Command, EXIT, number, required, text, type World } from './command.ts';

export const cloud: Command = {
  name: 'cloud',
  usage: '--dir D [--port N] [--speed X] [--seed S]',
  summary: 'Run the local cloud: an emulated Supabase, Vercel, Resend and GitHub that needs no account.',
  options: {
    dir: { type: 'string', short: 'd' },
    port: { type: 'string' },
    speed: { type: 'string' },
    seed: { type: 'string' },
  },
  words: [0, 0],
  run: async (args, world) => {
    const options = optionsOf(args, world);
    const lease = await holdFolder(options.dir);
    try {
      await runOn(number(args, 'port', 0, 65_535), options, world);
    } finally {
      await lease.release();
    }
    return EXIT.done;
  },
};

type Options = ReturnType<typeof optionsOf>;

function optionsOf(args: Arguments, { cwd }: World) {
  const seed = text(args, 'seed');
  number(args, 'port', 0, 65_535);
  return {
    dir: resolve(cwd, required(args, 'dir')),
    speed: number(args, 'speed', 0.001, 100_000) ?? 1,
    ...(seed !== undefined && { seed }),
  };
}

/** On the port that is asked for; else on the one that this cloud had before, or on any that is free. */
async function runOn(given: number | undefined, options: Options, world: World): Promise<void> {
  const known = given === undefined ? await rememberedPort(options.dir) : undefined;
  const port = given ?? known ?? 0;
  try {
    await run({ ...options, port }, world);
  } catch (thrown) {
    if (!isCode(thrown, 'EADDRINUSE')) throw thrown;
    if (known === undefined) throw taken(port, thrown);
    // Not on stdout: a shell reads that.
    world.stderr.write(
      `Port ${known}, which this cloud had before, is taken: it takes another one, and agencies that were made on the old one differ until they are applied.\n`,
    );
    await run({ ...options, port: 0 }, world);
  }
}

async function run(options: Options & { readonly port: number }, { stdout, signal }: World): Promise<void> {
  // Loaded here, so that no other command pays for a web server and a Postgres.
  const { runCloudCommand } = await import('../../local-cloud/command.ts');
  await runCloudCommand(options, {
    write: (line) => stdout.write(`${line}\n`),
    signal,
    started: ({ origin }) => rememberPort(options.dir, origin),
  });
}

function taken(port: number, cause: unknown): BlockedError {
  return new BlockedError(`port ${port} is taken`, 'Leave --port out, or name another one.', cause);
}

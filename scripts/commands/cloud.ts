import { resolve } from 'node:path';
import { type Command, EXIT, number, required, text } from './command.ts';

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
    const seed = text(args, 'seed');
    const options = {
      dir: resolve(world.cwd, required(args, 'dir')),
      port: number(args, 'port', 0, 65_535) ?? 0,
      speed: number(args, 'speed', 0.001, 100_000) ?? 1,
      ...(seed !== undefined && { seed }),
    };
    // Loaded here, so that no other command pays for a web server and a Postgres.
    const { runCloudCommand } = await import('../../local-cloud/command.ts');
    await runCloudCommand(options, { write: (line) => world.stdout.write(`${line}\n`), signal: world.signal });
    return EXIT.done;
  },
};

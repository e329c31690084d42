import { COMMANDS, runCli } from './cli.ts';
import type { Output, World } from './commands/command.ts';
import { silenceNodeNotice } from './quiet.ts';

const argv = process.argv.slice(2);
const stopping = new AbortController();

/** The first signal lets the run end in order; nobody listens to a second one, so it ends the process. */
function stopOn(signal: NodeJS.Signals): void {
  const records = COMMANDS.find(({ name }) => name === argv[0])?.records === true;
  process.once(signal, () => {
    process.stderr.write(`\nStopping${records ? '; what is done is recorded' : ''}. Once more to stop at once.\n`);
    stopping.abort();
  });
}

/** A reader that went away (`| head`) must not stop an apply in its middle. */
function quietly(stream: NodeJS.WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return stream;
}

const world: World = {
  variables: process.env,
  cwd: process.cwd(),
  signal: stopping.signal,
  stdout: quietly(process.stdout),
  stderr: quietly(process.stderr),
};

silenceNodeNotice();
stopOn('SIGINT');
stopOn('SIGTERM');
process.exitCode = await runCli(argv, world);

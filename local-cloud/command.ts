import { once } from 'node:events';
import { type Cloud, type CloudOptions, startCloud } from './cloud.ts';

/** Where the command writes and what ends it; the process's own unless told. */
export interface CommandStreams {
  write?(line: string): void;
  readonly signal?: AbortSignal;
  /** Told of the cloud before anybody else hears of it. */
  started?(cloud: Cloud): Promise<void>;
}

/**
 * Runs the local cloud in the foreground: prints `export NAME='value'` lines, then `# ready`, and ends with SIGINT or
 * SIGTERM. Resolves when everything is closed. Rejects when it cannot be started.
 */
export async function runCloudCommand(options: CloudOptions, streams: CommandStreams = {}): Promise<void> {
  const write = streams.write ?? ((line: string) => console.log(line));
  const cloud = await startCloud(options);
  await streams.started?.(cloud);
  // Whoever reads `# ready` may end us at once.
  const ended = ending(streams.signal);
  for (const [name, value] of Object.entries(cloud.environment())) write(exportLine(name, value));
  write(`# open ${cloud.origin}/`);
  write('# ready');
  await ended;
  await cloud.close();
}

/** One line that every POSIX shell reads back as exactly `value`. */
export function exportLine(name: string, value: string): string {
  return `export ${name}='${value.replaceAll("'", "'\\''")}'`;
}

async function ending(signal: AbortSignal | undefined): Promise<void> {
  const listening = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'].map((name) => once(process, name, { signal: listening.signal }));
  const told = signal === undefined ? [] : [aborted(signal)];
  await Promise.race([...signals, ...told]);
  // Whoever loses the race is told to stop listening, and says so by rejecting.
  void Promise.allSettled(signals);
  listening.abort();
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return signal.aborted ? Promise.resolve() : once(signal, 'abort');
}

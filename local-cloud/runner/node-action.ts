import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a step ended, and what it left. */
export interface Finished {
  readonly code: number | null;
  /** What it printed, with what it asked to be masked made invisible. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Omit<Finished, 'outputs' | 'summary'>>;
}

/** Starts a JavaScript action as the runner does: with nothing in its environment but what it is handed. */
export function startNode(
  script: string,
  env: Readonly<Record<string, string>>,
  cwd: string,
  onOutput: (text: string) => void = () => undefined,
): Started {
  const child = spawn(process.execPath, [script], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, CI: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = maskedLog(onOutput);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', log.add);
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, log: log.text() }));
  return { process: child, ended };
}

/** Lines are shown once they are whole: a secret may come in two parts. */
function maskedLog(onOutput: (text: string) => void) {
  const masks: string[] = [];
  let shown = '';
  let rest = '';
  const say = (line: string) => {
    const mask = /^::add-mask::(.*)$/.exec(line)?.[1];
    if (mask !== undefined) {
      masks.push(decoded(mask));
      return;
    }
    const clean = masks.reduce((text, secret) => text.replaceAll(secret, '***'), line);
    shown += `${clean}\n`;
    onOutput(`${clean}\n`);
  };
  return {
    add: (part: string) => {
      const lines = `${rest}${part}`.split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(say);
    },
    text: () => {
      if (rest !== '') say(rest);
      rest = '';
      return shown;
    },
  };
}

function decoded(value: string): string {
  return value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

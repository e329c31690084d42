import type { Command } from './command.ts';

/** What the CLI can do, or what one of its commands takes. */
export function helpText(commands: readonly Command[], about?: Command): string {
  if (about) return oneCommand(about);
  const column = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Usage: npm run provision -- <command> [options]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(column)}  ${summary}`),
    '',
    'Options of most commands:',
    '  --dir D     the folder with fleet.yaml, agencies/ and migrations/ (default: here)',
    '  --json      one JSON object a line instead of text; the last one has type "run"',
    '  --verbose   show what stays as it is, too',
    '',
    'Exit: 0 done or nothing to do; 1 failed, blocked or waiting; 2 there are changes (plan, drift).',
    'No account yet? npm run demo',
    '',
  ].join('\n');
}

function oneCommand({ name, usage, summary, options }: Command): string {
  const takes = Object.entries(options).map(([option, { type }]) => `--${option}${type === 'string' ? ' …' : ''}`);
  return [
    `Usage: npm run provision -- ${name} ${usage}`.trimEnd(),
    '',
    summary,
    '',
    `Takes: ${takes.join('  ')}`,
    '',
  ].join('\n');
}

import { parseArgs } from 'node:util';
import { nearest } from '../action/src/manifest/nearest.ts';
import { cloud } from './commands/cloud.ts';
import { type Arguments, type Command, EXIT, UsageError, type World } from './commands/command.ts';
import { helpText } from './commands/help.ts';
import { mail } from './commands/mail.ts';
import { create } from './commands/new.ts';
import { tellError } from './commands/reporting.ts';
import { apply, drift, plan, validate } from './commands/run.ts';
import { explain, status } from './commands/status.ts';

export const COMMANDS: readonly Command[] = [create, validate, plan, apply, drift, status, explain, mail, cloud];

/** Runs one command line (without the program's name). Gives the exit code; never rejects. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  const [name = 'help', ...rest] = argv;
  let args: Arguments = { values: { json: rest.includes('--json') }, positionals: [] };
  try {
    if (isHelp(name)) return tellHelp(rest[0], world);
    const command = find(name);
    if (rest.some(isHelp)) return tellHelp(name, world);
    args = parse(command, rest);
    return await command.run(args, world);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) return tellError(thrown, args, world);
    world.stderr.write(`${thrown.message}\nTry: npm run provision -- help\n`);
    return EXIT.failed;
  }
}

function isHelp(word: string): boolean {
  return word === 'help' || word === '--help' || word === '-h';
}

function tellHelp(about: string | undefined, { stdout }: World): number {
  stdout.write(helpText(COMMANDS, about === undefined || isHelp(about) ? undefined : find(about)));
  return EXIT.done;
}

function find(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const names = COMMANDS.map((one) => one.name);
  throw new UsageError(`there is no command "${name}"${suggestion(name, names)}`);
}

function suggestion(word: string, candidates: readonly string[]): string {
  const close = nearest(word, candidates);
  return close === undefined ? '' : `; did you mean ${close}?`;
}

function parse(command: Command, words: readonly string[]): Arguments {
  const { options } = command;
  assertKnown(command, words);
  const { values, positionals } = read(() =>
    parseArgs({ args: [...words], options, allowPositionals: true, strict: true }),
  );
  const [least, most] = command.words;
  if (positionals.length < least || positionals.length > most) {
    throw new UsageError(`usage: provision ${command.name} ${command.usage}`.trimEnd());
  }
  return { values: values as Arguments['values'], positionals };
}

function assertKnown({ name, options }: Command, words: readonly string[]): void {
  const { tokens } = parseArgs({ args: [...words], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(options, token.name)) continue;
    const names = Object.keys(options);
    const close = nearest(token.name, names);
    throw new UsageError(`${name} takes no ${token.rawName}${close === undefined ? '' : `; did you mean --${close}?`}`);
  }
}

/** Node's own words for the rest, such as a missing value, are good enough. */
function read<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof TypeError) throw new UsageError(thrown.message);
    throw thrown;
  }
}

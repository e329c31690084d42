import type { Trouble } from '../../action/src/engine/errors.ts';
import type { Event } from '../../action/src/engine/events.ts';
import { type Arguments, text } from './command.ts';

/** The commands that remedies name, with the one word that some of them take. */
const COMMAND = /npm run provision -- (?:(?:plan|apply|explain|mail resend) [a-z0-9-]+|new <slug>|status|validate)/g;

/**
 * Makes the commands that a text names look into the folder that this command was given: typed as they stand, they
 * would work on another one.
 */
export function inSameRoom(args: Arguments): (text: string) => string {
  const dir = text(args, 'dir');
  if (dir === undefined) return (said) => said;
  const option = `--dir ${/^[\w./-]+$/.test(dir) ? dir : `'${dir.replaceAll("'", "'\\''")}'`}`;
  return (said) => said.replace(COMMAND, (command) => `${command} ${option}`);
}

/** An event whose remedies are said so. */
export function eventInSameRoom(event: Event, here: (text: string) => string): Event {
  if (event.type === 'plan') {
    const changes = event.changes.map((one) => (one.remedy === undefined ? one : { ...one, remedy: here(one.remedy) }));
    return { ...event, changes };
  }
  return 'error' in event && event.error ? { ...event, error: troubleInSameRoom(event.error, here) } : event;
}

/** The same for what stopped a command. */
export function troubleInSameRoom({ class: kind, message, remedy }: Trouble, here: (text: string) => string): Trouble {
  return { class: kind, message, remedy: here(remedy) };
}

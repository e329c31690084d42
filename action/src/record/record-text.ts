import type { NewPull } from '../forge/forge.ts';
import { uidIn } from '../manifest/inventory.ts';
import type { Entry } from './entries.ts';

/** More would hide what a commit is about. */
const LISTED = 50;

interface Occasion {
  readonly runUrl?: string;
  /** Starts no workflow. */
  readonly quiet: boolean;
}

/**
 * What a commit of status says. `[skip ci]` keeps the push of an App from starting workflows over what only a machine
 * wrote; it must not stand on a branch that waits to be merged, or checks that are required there never run.
 * https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
 */
export function messageOf(entries: readonly Entry[], { runUrl, quiet }: Occasion): string {
  const [first] = entries;
  const subject = entries.length === 1 && first ? nameOf(first) : `${entries.length} agencies`;
  const lines = entries.slice(0, LISTED).map((entry) => `${nameOf(entry)}: ${stateOf(entry)}`);
  const rest = entries.length > LISTED ? [`and ${entries.length - LISTED} more`] : [];
  return [
    `Record ${subject}`,
    '',
    ...lines,
    ...rest,
    '',
    `The provisioner writes what it did into status, and nothing else${runUrl === undefined ? '' : `: ${runUrl}`}`,
    ...(quiet ? ['', '[skip ci]'] : []),
    '',
  ].join('\n');
}

/** The pull request by which people take over what the branch did not let the provisioner write. */
export function recordPull(entries: readonly Entry[], runUrl: string | undefined): Pick<NewPull, 'title' | 'body'> {
  const lines = entries.slice(0, LISTED).map((entry) => `- \`${nameOf(entry)}\`: ${stateOf(entry)}`);
  const rest = entries.length > LISTED ? [`- and ${entries.length - LISTED} more`] : [];
  return {
    title: 'Record what the provisioner did',
    body: [
      'The provisioner may not commit to this branch, or has no manifest there to write into, so the record waits here.',
      'It changes `status` only. **Merge it**; until then the provisioner reads it from this branch, and adds to it.',
      '',
      'When this was opened it held:',
      ...lines,
      ...rest,
      '',
      'To be rid of these pull requests let the provisioner’s GitHub App pass the rules of the branch.',
      ...(runUrl === undefined ? [] : ['', `Opened by ${runUrl}`]),
      '',
    ].join('\n'),
  };
}

/** The file's name, which the manifest rules keep harmless; a strange one is not repeated. */
function nameOf({ file, text }: Entry): string {
  return /^agencies\/([a-z0-9-]{1,60})\.yaml$/.exec(file)?.[1] ?? `the agency ${uidIn(text) ?? 'without a uid'}`;
}

function stateOf({ status: { conditions } }: Entry): string {
  const said = conditions.map(({ type, status, reason }) => `${type}=${status} (${reason})`);
  return said.join(', ') || 'nothing yet';
}

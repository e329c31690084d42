import { ManifestError } from '../../action/src/engine/errors.ts';
import { oneLine } from '../../action/src/lib/one-line.ts';
import { redact } from '../../action/src/lib/redact.ts';
import { nearest } from '../../action/src/manifest/nearest.ts';
import { renderProblem } from '../../action/src/manifest/problem.ts';
import { type Explained, explanation } from '../../action/src/report/explain.ts';
import { statusTable } from '../../action/src/report/status.ts';
import { type Arguments, type Command, EXIT, ROOM_OPTIONS, type World } from './command.ts';
import { printEnd, printJson, roomOf } from './reporting.ts';
import { standings } from './standing.ts';

export const status: Command = {
  name: 'status',
  usage: '',
  summary: 'Show how every agency stands, from the manifests alone.',
  options: ROOM_OPTIONS,
  words: [0, 0],
  run: async (args, world) => {
    const { room, all } = await standings(roomOf(args, world), world);
    if (args.values.json) for (const one of all) printJson(world, eventOf(one));
    else world.stdout.write(redact(statusTable(all, world.stdout.columns ?? 160)));
    tellShared(room, args, world);
    printEnd(world, args, `${all.length} looked at`);
    return EXIT.done;
  },
};

export const explain: Command = {
  name: 'explain',
  usage: '<slug>',
  summary: 'Say why an agency stands where it stands, what it waits for and what to do; offline.',
  options: ROOM_OPTIONS,
  words: [1, 1],
  run: async (args, world) => {
    const [slug = ''] = args.positionals;
    const { room, all } = await standings(roomOf(args, world), world);
    const found = all.find((one) => one.slug === slug);
    if (!found) throw unknown(slug, all);
    if (args.values.json) printJson(world, eventOf(found));
    else world.stdout.write(redact(explanation(found)));
    tellShared(room, args, world);
    printEnd(world, args, found.due ?? 'nothing is left to do');
    return EXIT.done;
  },
};

function eventOf({ slug, due, ...rest }: Explained): Readonly<Record<string, unknown>> {
  const resources = rest.resources.map(({ address, after }) => ({ address, after }));
  return { type: 'status', agency: slug, ...(due !== undefined && { due }), ...rest, resources };
}

/** What is wrong with the files that all share stops everybody, so it is said here as well. */
function tellShared(
  { problems, agencies }: Awaited<ReturnType<typeof standings>>['room'],
  args: Arguments,
  world: World,
): void {
  const own = new Set(agencies.map(({ file }) => file));
  for (const problem of problems.filter(({ file }) => !own.has(file))) {
    if (args.values.json) printJson(world, { type: 'problem', ...problem });
    else world.stderr.write(redact(`${oneLine(renderProblem(problem))}\n`));
  }
}

function unknown(slug: string, all: readonly Explained[]): ManifestError {
  const slugs = all.map((one) => one.slug);
  const close = nearest(slug, slugs);
  return new ManifestError(
    `there is no agencies/${oneLine(slug)}.yaml`,
    close === undefined
      ? `Name one that exists: ${slugs.slice(0, 10).join(', ') || 'there are none yet'}.`
      : `Did you mean ${close}?`,
  );
}

import { oneLine } from '../../action/src/lib/one-line.ts';
import { redact } from '../../action/src/lib/redact.ts';
import { renderProblem } from '../../action/src/manifest/problem.ts';
import { type Explained, explanation } from '../../action/src/report/explain.ts';
import { statusTable } from '../../action/src/report/status.ts';
import { assertKnown, noSuchAgency } from '../../action/src/selection.ts';
import { type Arguments, type Command, EXIT, ROOM_OPTIONS, type World } from './command.ts';
import { printEnd, printJson, roomOf } from './reporting.ts';
import { inSameRoom } from './same-room.ts';
import { standings } from './standing.ts';

export const status: Command = {
  name: 'status',
  usage: '[slug…]',
  summary: 'Show how every agency stands, or those that are named, from the manifests alone.',
  options: ROOM_OPTIONS,
  words: [0, Number.POSITIVE_INFINITY],
  run: async (args, world) => {
    const { room, all } = await standings(roomOf(args, world), world);
    assertKnown(args.positionals, room);
    const asked = args.positionals.length === 0 ? all : all.filter(({ slug }) => args.positionals.includes(slug));
    if (args.values.json) for (const one of asked) printJson(world, eventOf(one));
    else world.stdout.write(redact(inSameRoom(args)(statusTable(asked, widthOf(world)))));
    tellShared(room, args, world);
    printEnd(world, args, `${asked.length} looked at`);
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
    if (!found) throw noSuchAgency([slug], slugsOf(all));
    if (args.values.json) printJson(world, eventOf(found));
    else world.stdout.write(redact(inSameRoom(args)(explanation(found))));
    tellShared(room, args, world);
    printEnd(world, args, found.due ?? 'nothing is left to do');
    return EXIT.done;
  },
};

/** A file or a pipe has no width, and whoever reads it wants all of it. */
function widthOf({ stdout }: World): number {
  return stdout.isTTY === true ? (stdout.columns ?? 160) : Number.POSITIVE_INFINITY;
}

function slugsOf(all: readonly Explained[]): string[] {
  return all.map(({ slug }) => slug);
}

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

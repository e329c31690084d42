import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeIn } from '../../action/src/edge/intake.ts';
import { BlockedError, ManifestError } from '../../action/src/engine/errors.ts';
import { readSurroundings } from '../../action/src/environment.ts';
import { typedRequest } from '../../action/src/intake/asked.ts';
import type { IntakeReport } from '../../action/src/intake/run-intake.ts';
import { freshUid } from '../../action/src/lib/uid.ts';
import { loadControlRoom, type RoomInput, type SourceFile } from '../../action/src/manifest/load.ts';
import { newManifest, slugFromName } from '../../action/src/manifest/new.ts';
import { renderProblem } from '../../action/src/manifest/problem.ts';
import { slugPattern } from '../../action/src/manifest/slug.ts';
import { readRoom } from '../../action/src/record/room.ts';
import { type Arguments, type Command, EXIT, ROOM_OPTIONS, required, text, type World } from './command.ts';
import { printEnd, printJson, reporting, roomOf } from './reporting.ts';
import { inSameRoom } from './same-room.ts';

/** `new` is a word of the language. */
export const create: Command = {
  name: 'new',
  usage:
    '<slug> --name NAME --owner EMAIL [--owner-name NAME] [--region R] [--ref REF] [--request-id ID] [--pull-request]',
  summary:
    'Write the manifest of a new agency; with --pull-request into a pull request of GITHUB_REPOSITORY instead of a file.',
  options: {
    ...ROOM_OPTIONS,
    name: { type: 'string' },
    owner: { type: 'string' },
    'owner-name': { type: 'string' },
    region: { type: 'string' },
    ref: { type: 'string' },
    'request-id': { type: 'string' },
    'pull-request': { type: 'boolean' },
  },
  words: [1, 1],
  run: async (args, world) => {
    if (args.values['pull-request'] === true) return propose(args, world);
    const dir = roomOf(args, world);
    const manifest = manifestFrom(args);
    const file = `agencies/${manifest.slug}.yaml`;
    assertGood(await readRoom(dir, readSurroundings(world.variables).repository), manifest.slug, {
      file,
      text: manifest.text,
    });
    await writeNew(dir, file, manifest.text);
    tell(file, manifest.slug, args, world);
    return EXIT.done;
  },
};

/** One more door of intake: the same path as for what the company's app or the issue form asks. */
async function propose(args: Arguments, world: World): Promise<number> {
  const [slug = ''] = args.positionals;
  const typed = typedRequest({
    slug,
    name: required(args, 'name'),
    owner: { email: required(args, 'owner'), name: text(args, 'owner-name') },
    region: text(args, 'region'),
    ref: text(args, 'ref'),
    requestId: text(args, 'request-id'),
  });
  const { emit, end } = reporting(args, world, { plans: 'counts' });
  try {
    const here = { dir: roomOf(args, world), signal: world.signal, emit };
    const report = await takeIn({ typed }, { variables: world.variables, workflow: undefined, here });
    emit({ type: 'run', result: report.result, message: report.headline, agencies: 1, changed: changedBy(report) });
    return report.result === 'done' ? EXIT.done : EXIT.failed;
  } finally {
    end();
  }
}

function changedBy({ outcomes }: IntakeReport): number {
  return outcomes.filter(({ opened }) => opened).length;
}

function manifestFrom(args: Arguments) {
  const displayName = required(args, 'name');
  const region = text(args, 'region');
  const requestId = text(args, 'request-id');
  const ref = text(args, 'ref');
  const [slug = ''] = args.positionals;
  return newManifest({
    slug,
    displayName,
    owner: { email: required(args, 'owner'), name: text(args, 'owner-name') ?? displayName },
    uid: freshUid(),
    ...(region !== undefined && { region }),
    ...(requestId !== undefined && { requestId }),
    ...(ref !== undefined && { ref }),
  });
}

/** Judged together with all others, so that a taken slug or name shows before the file is there. */
function assertGood(room: RoomInput, slug: string, source: SourceFile): void {
  if (room.agencies.some(({ file }) => file === source.file)) {
    throw new ManifestError(`${source.file} exists already`, 'Choose another slug, or change that file.');
  }
  const { agencies } = loadControlRoom({ ...room, agencies: [...room.agencies, source] });
  const problems = agencies.find(({ file }) => file === source.file)?.problems ?? [];
  if (problems.length === 0) return;
  const said = problems.map((problem) => renderProblem(problem)).join('\n');
  throw new ManifestError(
    `the manifest would be refused: ${said}`,
    `Nothing was written; call it again with that mended.${betterSlug(slug, new Set(agencies.map((one) => one.slug)))}`,
  );
}

/** Whoever typed a name where a slug belongs is told the slug that intake would make of it. */
function betterSlug(typed: string, taken: ReadonlySet<string>): string {
  return slugPattern.test(typed) ? '' : ` A slug that would do: ${slugFromName(typed, taken)}.`;
}

async function writeNew(dir: string, file: string, content: string): Promise<void> {
  await mkdir(join(dir, 'agencies'), { recursive: true });
  try {
    await writeFile(join(dir, file), content, { flag: 'wx' });
  } catch (thrown) {
    throw new BlockedError(
      `${file} could not be written: ${String(thrown)}`,
      'Look at the folder given with --dir.',
      thrown,
    );
  }
}

function tell(file: string, slug: string, args: Arguments, world: World): void {
  if (args.values.json) printJson(world, { type: 'new', agency: slug, file });
  else world.stdout.write(inSameRoom(args)(`${file} written. Next: npm run provision -- plan ${slug}\n`));
  printEnd(world, args, `${file} written`);
}

import type { GitData } from '../forge/forge.ts';
import { mapPooled } from '../lib/pool.ts';
import { uidIn } from '../manifest/inventory.ts';
import type { SourceFile } from '../manifest/load.ts';
import { inPlaceOf } from './caps.ts';
import type { Texts } from './texts.ts';

/** GitHub allows a hundred at a time to everybody who shares the token. */
const AT_A_TIME = 10;

/** The control room as one commit has it. */
export interface Snapshot {
  readonly commit: string;
  /** The name of each file's content, by path. */
  readonly files: ReadonlyMap<string, string>;
  text(path: string): Promise<string | undefined>;
  /** Every file of a folder, by name. */
  folder(name: string): Promise<SourceFile[]>;
  /** The manifest of the agency with that uid: where it is expected, or wherever it was moved to. */
  manifestOf(uid: string | undefined, expected: string): Promise<SourceFile | undefined>;
}

/** One call; texts are read when they are asked for, and those that are too large never. */
export async function snapshotOf(git: GitData, texts: Texts, commit: string): Promise<Snapshot> {
  const listed = new Map((await git.files(commit)).map((file) => [file.path, file]));
  const files = new Map([...listed.values()].map(({ path, sha }) => [path, sha]));
  const text = async (path: string) => {
    const file = listed.get(path);
    return file && (inPlaceOf(path, file.size) ?? texts.of(file));
  };
  const folder = (name: string) => {
    const paths = [...files.keys()].filter((path) => path.startsWith(`${name}/`)).sort();
    return mapPooled(paths, AT_A_TIME, async (file) => ({ file, text: (await text(file)) ?? '' }));
  };
  return {
    commit,
    files,
    text,
    folder,
    manifestOf: async (uid, expected) => {
      const there = await text(expected);
      if (there !== undefined && (uid === undefined || uidIn(there) === uid)) return { file: expected, text: there };
      if (uid === undefined) return undefined;
      return (await folder('agencies')).find((one) => one.file.endsWith('.yaml') && uidIn(one.text) === uid);
    },
  };
}

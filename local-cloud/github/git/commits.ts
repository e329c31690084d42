import type { Git } from './repository.ts';

export interface Person {
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970. */
  readonly at: number;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

export type NewCommit = Omit<Commit, 'sha'>;

/** The commit that `name` stands for, tags peeled; undefined when it stands for none. */
export async function readCommit(git: Git, name: string): Promise<Commit | undefined> {
  const object = await git.object(`${name}^{commit}`);
  return object === undefined ? undefined : parseCommit(object.sha, object.content.toString());
}

export function parseCommit(sha: string, raw: string): Commit {
  const gap = raw.indexOf('\n\n');
  const lines = raw.slice(0, gap).split('\n');
  const all = (key: string) => lines.filter((line) => line.startsWith(`${key} `)).map((l) => l.slice(key.length + 1));
  return {
    sha,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: parsePerson(all('author')[0] ?? ''),
    committer: parsePerson(all('committer')[0] ?? ''),
    message: raw.slice(gap + 2).replace(/\n$/, ''),
  };
}

/** Its tree and parents must be there. */
export function writeCommit(git: Git, commit: NewCommit): Promise<string> {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${personLine(commit.author)}`,
    `committer ${personLine(commit.committer)}`,
  ];
  return git.writeObject('commit', Buffer.from(`${lines.join('\n')}\n\n${commit.message.replace(/\0/g, '')}`));
}

function parsePerson(line: string): Person {
  const [, name = '', email = '', at = '0'] = /^(.*?) ?<([^>]*)> (\d+)/.exec(line) ?? [];
  return { name, email, at: Number(at) };
}

/** Git has no way to quote: what would end a name, an address or a line is left out. */
function personLine({ name, email, at }: Person): string {
  const clean = (text: string) => text.replace(/[<>\n\r\0]/g, '').trim();
  return `${clean(name)} <${clean(email)}> ${at} +0000`;
}

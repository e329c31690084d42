import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './cli.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Every page that people read, relative to the root. */
const pages = ['.', 'agencies', 'docs', 'docs/adr', 'docs/vendors', 'migrations/agency'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

/** Without the blocks between fences, whose brackets are no links and whose # are no headings. */
function prose(page: string): string {
  return read(page).replace(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** As GitHub makes anchors of headings: https://docs.github.com/en/get-started/writing-on-github (section links). */
function anchorsOf(page: string): string[] {
  return [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function internalLinks(page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^[a-z]+:/.test(target));
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(root, resolve(root, dirname(page), path));
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

/** What a page tells people to type, each on a line of its own or in backticks. */
function typed(page: string, pattern: RegExp): string[] {
  return [...read(page).matchAll(pattern)].map(([, word = '']) => word);
}

describe('pages', () => {
  it.each(pages)('%s has links that lead somewhere', (page) => {
    expect(internalLinks(page).filter((link) => isBroken(page, link))).toEqual([]);
  });

  it.each(pages)('%s names scripts of package.json', (page) => {
    const named = typed(page, /npm run (?:--silent )?([a-z][\w:-]*)/g);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it.each(pages)('%s names commands of the command line', (page) => {
    const known = [...COMMANDS.map(({ name }) => name), 'help'];
    const named = typed(page, /provision -- ([a-z]\w*)/g);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(pages)('%s gives commands only options that they take', (page) => {
    const unknown = [...read(page).matchAll(/provision -- ([a-z]\w*)([^\n`|]*)/g)].flatMap(([, name, words = '']) => {
      const options = COMMANDS.find((command) => command.name === name)?.options ?? {};
      return [...words.matchAll(/(?<= )--([a-z-]+)/g)].flatMap(([, option = '']) =>
        option in options ? [] : [option],
      );
    });
    expect(unknown).toEqual([]);
  });
});

describe('README.md', () => {
  it('sets everything up with one command each for the demo and for the tests', () => {
    expect(read('README.md')).toContain('```sh\nnpm ci && npm run demo\n```');
    expect(read('README.md')).toContain('```sh\nnpm ci && npm run check\n```');
    expect(read('.ci/run')).toContain('npm ci\nnpm run check\n');
  });

  it('is as the code says', async () => {
    const script = join(root, 'scripts/readme.ts');
    const told = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, '--check'], { cwd: root });
    expect(told.stderr).toBe('');
  });
});

describe('the checks of this file', () => {
  it('find a page, an anchor and a heading', () => {
    expect(isBroken('README.md', 'docs/nothing.md')).toBe(true);
    expect(isBroken('README.md', 'docs/runbook.md#nothing')).toBe(true);
    expect(isBroken('README.md', '#commands')).toBe(false);
    expect(internalLinks('README.md').length).toBeGreaterThan(10);
  });
});

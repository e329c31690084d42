import { describe, expect, it } from 'vitest';
import { readMigrations } from './migrations.ts';
import { renderProblem } from './problem.ts';

const dir = 'migrations/agency';
const file = (name: string, text = 'select 1;\n') => ({ file: `${dir}/${name}`, text });
const problemsOf = (...files: ReturnType<typeof file>[]) => readMigrations(files).problems.map(renderProblem);

describe('readMigrations', () => {
  it('gives them in the order of their versions, with name and digest', () => {
    const { migrations, problems } = readMigrations([file('20260102000000_b_c.sql'), file('20260101000000_a.sql')]);
    expect(problems).toEqual([]);
    expect(migrations.map(({ version, name }) => [version, name])).toEqual([
      ['20260101000000', 'a'],
      ['20260102000000', 'b_c'],
    ]);
    expect(migrations[0]?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(migrations[0]?.transactional).toBe(true);
  });

  it('takes a checkout with CRLF for the same file', () => {
    const [unix] = readMigrations([file('20260101000000_a.sql', 'select 1;\nselect 2;\n')]).migrations;
    const [windows] = readMigrations([file('20260101000000_a.sql', 'select 1;\r\nselect 2;\r\n')]).migrations;
    expect(windows).toEqual(unix);
  });

  it('gives another digest when the text changes', () => {
    const digests = ['select 1;', 'select 1; '].map(
      (sql) => readMigrations([file('20260101000000_a.sql', sql)]).migrations[0]?.digest,
    );
    expect(digests[0]).not.toBe(digests[1]);
  });

  it.each([
    ['-- provisioner: transaction=false\nvacuum;', false],
    ['-- pg-delta: transaction=false\r\nvacuum;', false],
    ['\n-- provisioner: transaction=false\nvacuum;', true],
    ['-- provisioner: transaction=falsey\nvacuum;', true],
  ])('reads the marker on the first line only: %j', (text, transactional) => {
    expect(readMigrations([file('20260101000000_a.sql', text)]).migrations[0]?.transactional).toBe(transactional);
  });

  it.each(['init.sql', '2026_a.sql', '202601010000001_a.sql', '20260101000000.sql', '20260101000000_a b.sql'])(
    'refuses the name %s',
    (name) => {
      expect(problemsOf(file(name))).toEqual([
        `${dir}/${name}:1:1 the file’s name is not that of a migration — name it <14 digits>_<name>.sql, such as 20260101000000_projects.sql`,
      ]);
    },
  );

  it('passes over what is not SQL', () => {
    expect(readMigrations([file('README.md', '')])).toEqual({ migrations: [], problems: [] });
  });

  it('names both files of one version', () => {
    expect(problemsOf(file('20260101000000_a.sql'), file('20260101000000_b.sql'))).toEqual([
      `${dir}/20260101000000_a.sql:1:1 the same version as ${dir}/20260101000000_b.sql — give one of them a later version`,
      `${dir}/20260101000000_b.sql:1:1 the same version as ${dir}/20260101000000_a.sql — give one of them a later version`,
    ]);
  });

  it.each([
    ['begin;\nselect 1;\ncommit;', ['1:1 BEGIN', '3:1 COMMIT']],
    ['select 1; start transaction; select 2;', ['1:11 START']],
    ['select 1;\n  rollback', ['2:3 ROLLBACK']],
    ['-- provisioner: transaction=false\nend;', ['2:1 END']],
  ])('refuses transaction control at the top: %j', (text, places) => {
    const problems = problemsOf(file('20260101000000_a.sql', text));
    expect(problems.map((problem) => problem.replace(/^.*?sql:/, '').replace(/ in a migration.*/, ''))).toEqual(places);
  });

  it.each([
    ["select 1;\nselect 'open;\n", '2:8'],
    ['select 1;\n/* open\n', '2:1'],
    ['do $x$ begin null; end $y$;\n', '1:4'],
  ])('refuses what nobody closes, where it begins: %j', (text, place) => {
    expect(problemsOf(file('20260101000000_a.sql', text))).toEqual([
      `${dir}/20260101000000_a.sql:${place} a quote or comment that nobody closes — close it`,
    ]);
  });

  it('leaves BEGIN inside functions alone', () => {
    const body = 'create function f() returns trigger language plpgsql as $$ begin return new; end $$;';
    expect(problemsOf(file('20260101000000_a.sql', body))).toEqual([]);
  });

  it.each([
    ['nothing', '', '1:1 the migration is empty'],
    ['comments only', '-- a\n/* b; */', '1:1 the migration is empty'],
    [
      'reversed text',
      'select 1; -- \u202e',
      '1:14 the file contains a character that reverses the order of text (U+202E)',
    ],
    ['more than a megabyte', `select '${'x'.repeat(1_048_576)}'`, '1:1 the file is larger than 1 MB'],
  ])('refuses a file with %s', (_, text, problem) => {
    expect(problemsOf(file('20260101000000_a.sql', text))[0]).toContain(`20260101000000_a.sql:${problem} — `);
  });
});

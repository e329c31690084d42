import { describe, expect, test } from 'vitest';
import { agencyText, anAgency, aRoom, aStatus } from './builders.ts';
import { loadControlRoom } from './load.ts';
import { renderProblem } from './problem.ts';
import { spliceStatus } from './status.ts';

const named = (version: string, name = 'step') => `migrations/agency/${version}_${name}.sql`;
const [one, two, three] = ['20260101000000', '20260102000000', '20260103000000'];
const files = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([file, text]) => ({ file, text }));
const released = { [named(one)]: 'select 1;\n', [named(two)]: 'select 2;\n' };

/** What is wrong with migrations that were `released` while an agency had recorded that version. */
function problemsOf(texts: Readonly<Record<string, string>>, version: string | undefined = two): string[] {
  const outputs = version === undefined ? {} : { schemaVersion: version };
  const agencies = [anAgency('acme-studio', spliceStatus(agencyText(), aStatus({ outputs })))];
  const base = { agencies, migrations: files(released) };
  return loadControlRoom(aRoom({ agencies, migrations: files(texts), base })).problems.map(renderProblem);
}

describe('a change of the migrations', () => {
  test('may add what is newer, and leaves the fleet usable', () => {
    expect(problemsOf({ ...released, [named(three)]: 'select 3;\n' })).toEqual([]);
  });

  test('may not change, remove or insert what is not newer than what was applied', () => {
    const between = named('20260101120000');
    const problems = problemsOf({ [named(one)]: 'select 1, 1;\n', [between]: 'select 0;\n' });
    expect(problems).toEqual([
      expect.stringMatching(
        `^${named(one)}:1:1 the migration was changed, and agencies/acme-studio.yaml records ${two}`,
      ),
      expect.stringMatching(`^${between}:1:1 the migration is new and not the newest: .* — give it a later version`),
      expect.stringMatching(`^${named(two)}:1:1 the migration is gone, .* correct it with a new migration`),
    ]);
  });

  test('tells of a released file that was emptied to put it back, not to delete it', () => {
    const problems = problemsOf({ ...released, [named(two)]: '' });
    expect(problems).toEqual([expect.stringContaining('put the file back')]);
  });

  test('is nothing where only line ends or a name changed', () => {
    expect(problemsOf({ [named(one)]: 'select 1;\r\n', [named(two, 'other')]: 'select 2;\n' })).toEqual([]);
  });

  /** One that applied all of them, and one that is not Ready because of what the message says. */
  function problemsBeside(message: string): string[] {
    const at = '2026-11-23T00:02:00.000Z';
    const condition = { type: 'Ready', status: 'False', reason: 'Blocked', message, lastTransitionTime: at } as const;
    const other = anAgency('beta-works', spliceStatus(agencyText(), aStatus({ conditions: [condition] })));
    const agencies = [
      anAgency('acme-studio', spliceStatus(agencyText(), aStatus({ outputs: { schemaVersion: two } }))),
      other,
    ];
    const migrations = files({ ...released, [named(one)]: 'select 1, 1;\n' });
    const base = { agencies, migrations: files(released) };
    const all = loadControlRoom(aRoom({ agencies, migrations, base })).problems;
    return all.filter(({ file }) => file.startsWith('migrations/')).map(renderProblem);
  }

  test('may put right what an agency is blocked by', () => {
    const message = `${named(one)} (applied as sha256:1f… -> the file is now sha256:9c…) cannot change once it exists`;
    expect(problemsBeside(message)).toEqual([]);
  });

  test('may not rewrite for one agency where it failed what others have applied', () => {
    const message = `supabase: apply ${named(one)}:3 failed: relation "x" does not exist (42P01)`;
    expect(problemsBeside(message)).toEqual([expect.stringContaining('the migration was changed')]);
  });

  test('is not judged where the base has no migrations', () => {
    const agencies = [anAgency('acme-studio', spliceStatus(agencyText(), aStatus()))];
    const base = { agencies, migrations: [] };
    expect(loadControlRoom(aRoom({ agencies, migrations: files(released), base })).problems).toEqual([]);
  });

  test('may mend what no agency applied yet', () => {
    const mended = { ...released, [named(two)]: 'select 22;\n' };
    expect(problemsOf(mended, one)).toEqual([]);
    expect(problemsOf({}, 'none')).toEqual([]);
  });
});

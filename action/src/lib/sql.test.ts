import { describe, expect, it } from 'vitest';
import { openAt, splitStatements } from './sql.ts';

const texts = (sql: string) => splitStatements(sql).map(({ text }) => text);

describe('splitStatements', () => {
  it.each([
    ['two statements', 'select 1; select 2', ['select 1', 'select 2']],
    ['no statement', ' ;; -- a\n/* b */ ', []],
    ['a quote', `select ';'';'; select 2`, [`select ';'';'`, 'select 2']],
    ['a backslash in a standard string', `select '\\'; select 2`, [`select '\\'`, 'select 2']],
    ['a backslash in an escape string', `select E'\\';'; select 2`, [`select E'\\';'`, 'select 2']],
    ['both in an escape string', `select E'''\\';'; select 2`, [`select E'''\\';'`, 'select 2']],
    ['a quoted name', 'select 1 as ";"; select 2', ['select 1 as ";"', 'select 2']],
    ['a line comment', 'select 1 -- ; not\n; select 2', ['select 1 -- ; not', 'select 2']],
    ['nested comments', 'select /* /* ; */ ; */ 1; select 2', ['select /* /* ; */ ; */ 1', 'select 2']],
    ['dollar quotes', 'do $$ begin; end $$; select 2', ['do $$ begin; end $$', 'select 2']],
    ['tagged dollar quotes', 'do $a$ ; $$ ; $b$ $a$; select 2', ['do $a$ ; $$ ; $b$ $a$', 'select 2']],
    ['a parameter, which is no dollar quote', 'select $1; select $1', ['select $1', 'select $1']],
    ['a name with a dollar', 'select a$b$; select b$b$', ['select a$b$', 'select b$b$']],
    ['an open quote', `select 'a; b`, [`select 'a; b`]],
    [
      'an atomic body',
      'create function f() begin atomic select case when true then 1 end; select 2; end; select 3',
      ['create function f() begin atomic select case when true then 1 end; select 2; end', 'select 3'],
    ],
    [
      'a rule of several commands',
      'create rule r as on insert to t do also (insert into a values (1); (select 2); delete from b); select 3',
      ['create rule r as on insert to t do also (insert into a values (1); (select 2); delete from b)', 'select 3'],
    ],
    [
      'parentheses that are text',
      `select '('; select ")" as "("; select $$($$; /* ( */ select 4 -- (\n; select 5`,
      [`select '('`, 'select ")" as "("', 'select $$($$', 'select 4 -- (', 'select 5'],
    ],
    ['a parenthesis that nobody opened', 'select 1); select 2', ['select 1)', 'select 2']],
    ['a parenthesis that nobody closes', 'select (1; select 2', ['select (1; select 2']],
    [
      'parentheses in an atomic body',
      'create function f() begin atomic select (1); select 2; end; select 3',
      ['create function f() begin atomic select (1); select 2; end', 'select 3'],
    ],
    ['a column named end, in no body', 'select (r.end) from r; select 2', ['select (r.end) from r', 'select 2']],
  ])('understands %s', (_, sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('says where each begins and what it begins with', () => {
    expect(splitStatements('-- a\n  create table t (a int);\nbegin')).toEqual([
      { text: 'create table t (a int)', start: 7, head: 'CREATE TABLE' },
      { text: 'begin', start: 31, head: 'BEGIN' },
    ]);
  });
});

describe('openAt', () => {
  it.each([
    ['a quote', `select 'it''s`, 7],
    ['a quote behind another', `select 'a', 'b`, 12],
    ['an escape string', `select E'a\\'`, 7],
    ['a quoted name', 'select 1 as "', 12],
    ['dollar quotes', 'do $a$ begin $$ end $$;\n', 3],
    ['a comment', 'select 1;\n/* /* */', 10],
  ])('finds %s that nobody closes', (_, sql, at) => {
    expect(openAt(sql)).toBe(at);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'select a'],
    ['a quote', `select 'it''s'`],
    ['an escape string', `select E'\\''`],
    ['dollar quotes', 'do $a$ $$ $a$'],
    ['a comment', 'select 1 /* /* */ */'],
    ['a comment of one line', "select 1 -- it's"],
    ['blank lines', 'select 1;\n\n'],
  ])('is content with %s at the end', (_, sql) => {
    expect(openAt(sql)).toBeUndefined();
  });
});

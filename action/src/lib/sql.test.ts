import { describe, expect, it } from 'vitest';
import { splitStatements } from './sql.ts';

const texts = (sql: string) => splitStatements(sql).map(({ text }) => text);

describe('splitStatements', () => {
  it.each([
    ['two statements', 'select 1; select 2', ['select 1', 'select 2']],
    ['no statement', ' ;; -- a\n/* b */ ', []],
    ['a quote', `select ';'';'; select 2`, [`select ';'';'`, 'select 2']],
    ['a backslash in a standard string', `select '\\'; select 2`, [`select '\\'`, 'select 2']],
    ['a backslash in an escape string', `select E'\\';'; select 2`, [`select E'\\';'`, 'select 2']],
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

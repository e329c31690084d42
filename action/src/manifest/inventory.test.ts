import { describe, expect, it } from 'vitest';
import { agencyText, anAgency, aRoom } from './builders.ts';
import { uidIn } from './inventory.ts';
import { loadControlRoom } from './load.ts';
import { renderProblem } from './problem.ts';

describe('uidIn', () => {
  it.each([
    ['a block', 'metadata:\n  name: x\n  uid: abc12345\n'],
    ['a quoted one', 'metadata:\n  "uid": "abc12345"\n'],
    ['a flow mapping', 'metadata: { name: x, uid: abc12345 }\n'],
    ['a flow mapping of it alone', 'metadata: {uid: abc12345}\n'],
    ['a flow mapping with the uid first', "metadata: { 'uid': 'abc12345', name: x }\n"],
    ['a flow mapping on its own line', 'metadata:\n  { name: x, uid: abc12345 }\n'],
    ['a flow mapping over lines', 'metadata: {\n  name: x, uid: abc12345\n}\n'],
    ['JSON', '{"kind":"Agency","metadata":{"name":"x","uid":"abc12345"},"spec":{}}'],
    ['a flow mapping that is never closed', 'kind: Agency\nmetadata: { name: x, uid: abc12345\nspec: {}\n'],
  ])('reads it in %s', (_, text) => {
    expect(uidIn(text)).toBe('abc12345');
  });

  it.each([
    ['the uid that a status records', 'status:\n  resources: { supabase.project: { id: x, uid: abc12345 } }\n'],
    ['a uid after the metadata', 'metadata: { name: x }\nspec: { uid: abc12345 }\n'],
    ['a comment', '# metadata: { name: x, uid: abc12345 }\n'],
    ['a longer word', 'metadata: { name: x, myuid: abc12345 }\n'],
    ['one of another form', 'metadata: { name: x, uid: abc12345-and-more }\n'],
  ])('takes no notice of %s', (_, text) => {
    expect(uidIn(text)).toBeUndefined();
  });

  it('searches a huge text in one pass, however it is made', () => {
    const hostile = ['metadata: {', '{'.repeat(200), `metadata: {${','.repeat(200)}`, `${' '.repeat(20)}metadata:`];
    expect(uidIn(hostile.map((line) => `${line}\n`.repeat(20_000)).join(''))).toBeUndefined();
  });

  it('lets nobody bear the uid of a broken manifest in flow style', () => {
    const text = 'kind: Agency\nmetadata: { name: acme-studio, uid: acme1234 }\nspec: 42\n';
    const copy = anAgency('beta-studio', agencyText('beta-studio', 'acme1234'));
    const { problems } = loadControlRoom(aRoom({ agencies: [anAgency('acme-studio', text), copy] }));
    expect(problems.map(renderProblem)).toContainEqual(
      expect.stringContaining('agencies/beta-studio.yaml:6:8 metadata.uid: the uid "acme1234" is also that of'),
    );
  });
});

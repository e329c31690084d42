import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redMessages } from './red-messages.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'messages-'));
});
afterAll(() => rm(root, { recursive: true }));

/** The messages in one source file of its own. */
async function messagesIn(source: string, name = 'a.ts') {
  await writeFile(join(root, name), source);
  const found = redMessages(root, ['.']);
  await rm(join(root, name));
  return found;
}

describe('messages of red runs', () => {
  it.each([
    [`throw new BlockedError('it is in the way', 'Move it.');`, `'it is in the way'`],
    [`throw new ProviderError({ a: 'not this one' }, 'the vendor says no', 'Ask.');`, `'the vendor says no'`],
    [`throw notAccepted('supabase', 'the door is open', 'Close it.');`, `'the door is open'`],
    [`return { state: 'vanished', because: 'the thing is gone' };`, `'the thing is gone'`],
    [`const because = 'the thing is odd';`, `'the thing is odd'`],
  ])('are found in %s', async (source, message) => {
    expect((await messagesIn(source)).map((found) => found.source)).toEqual([message]);
  });

  it('are both of a choice, and no word that is compared with', async () => {
    const found = await messagesIn(`new WaitingError(state === 'late' ? 'it is late' : 'it is early', 'Wait.');`);
    expect(found.map(({ source }) => source)).toEqual([`'it is late'`, `'it is early'`]);
  });

  it('tell their place', async () => {
    const [found] = await messagesIn(`\n\nnew InternalError('a bug of ours', 'Mend it.');`, 'b.ts');
    expect(found).toMatchObject({ file: './b.ts', line: 3 });
  });

  it('fit what they turn into, and nothing else', async () => {
    const [found] = await messagesIn(`new ManifestError(\`there is no (\${name}) here\`, 'Make one.');`);
    expect(found?.pattern.test('there is no (acme) here')).toBe(true);
    expect(found?.pattern.test('there is no acme here')).toBe(false);
    expect(found?.pattern.test('there is no (acme) here any more')).toBe(false);
  });

  it('are not looked for in tests', async () => {
    expect(await messagesIn(`new BlockedError('it is in the way', '');`, 'a.test.ts')).toEqual([]);
  });
});

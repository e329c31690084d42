import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml12 } from 'yaml';
import { ManifestError } from '../engine/errors.ts';
import { agencyText, aStatus } from './builders.ts';
import { parseAgency } from './parse.ts';
import type { Status } from './schema.ts';
import { readStatus, spliceStatus } from './status.ts';
import { cutStatus } from './status-block.ts';

const read = (text: string) => {
  const reading = readStatus({ file: 'agencies/acme-studio.yaml', text });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.status;
};

/** Words that YAML readers of either version trip over, and anything else. */
const hostile = fc.oneof(
  fc.constantFrom(
    'True',
    'no',
    'on',
    'null',
    '~',
    '',
    ' ',
    '1e3',
    '0x1f',
    '010',
    '2026-11-23',
    '12:30:45',
    '.inf',
    '=',
  ),
  fc.constantFrom(
    'a: b',
    'a #b',
    '- a',
    '{a}',
    '[a]',
    '"',
    "'",
    '\\',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`',
    '|',
    '>',
    '? a',
  ),
  fc.constantFrom(
    'a\nb',
    'a\r\nb',
    '\t',
    '\u0000',
    '\u0085',
    '\u2028',
    '\u202e',
    '\ufeff',
    '\ud800',
    '👩‍💻',
    '\u{e0041}',
  ),
  fc.string({ unit: 'binary' }),
  fc.string(),
);
const key = fc
  .oneof(fc.constantFrom('id', 'vercel.project', 'a b', 'on', '1'), hostile)
  .filter((k) => !['__proto__', '<<'].includes(k));
const record = fc.dictionary(key, hostile, { maxKeys: 4 });

const statuses: fc.Arbitrary<Status> = fc.record(
  {
    observedSpecDigest: hostile,
    lastAppliedRevision: hostile,
    startedAt: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    retainUntil: hostile,
    conditions: fc.array(
      fc.record({
        type: hostile,
        status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
        reason: hostile,
        message: hostile,
        lastTransitionTime: hostile,
      }),
      { maxLength: 3 },
    ),
    outputs: record,
    resources: fc.dictionary(key, record, { maxKeys: 4 }),
  },
  { requiredKeys: ['conditions', 'outputs', 'resources'], noNullPrototype: true },
);

/** Manifests as people leave them: comments, blank lines, odd quotes, block scalars, an old status anywhere. */
const lines = fc.constantFrom(
  'kind: Agency # a remark',
  '"apiVersion": \'provisioner/v1\'',
  'spec:\n  env:\n    A: |\n      one\n\n      two\n',
  'keep: |+\n  text\n\n',
  'fold: >-\n  a\n  b',
  'list:\n- a\n-   b   \n',
  'metadata: { name: acme-studio,\n   uid: acme1234 }   ',
  'plain: several\n  words on\n  lines',
  'quoted: "status: \\n not"',
  '? explicit\n: key',
  'nothing:',
);
const remarks = fc.constantFrom('', '# remark', '   ', '  # indented remark', '#status: {}', '\t');
const old = fc.constantFrom(
  'status: {}',
  'status:',
  'status: # theirs\n  # inside\n  outputs: { a: b }   # behind',
  '"status":\n  conditions:\n  - { type: a, status: "True", reason: b, message: c, lastTransitionTime: d }',
  'status:\n  outputs:\n    a: |+\n      text\n\n',
  'status: { outputs: {\n  a: b\n  } }',
);
const manifests = fc
  .record({
    keys: fc.uniqueArray(lines, { minLength: 1 }),
    remark: fc.array(remarks, { maxLength: 3 }),
    status: fc.option(fc.record({ text: old, at: fc.nat(12) })),
    end: fc.constantFrom('', '\n', '\n\n\n'),
    lineEnd: fc.constantFrom('\n', '\r\n'),
  })
  .map(({ keys, remark, status, end, lineEnd }) => {
    const parts = keys.map((part: string, index) => ({ part, own: false, remark: remark[index] }));
    if (status) parts.splice(status.at, 0, { part: status.text, own: true, remark: undefined });
    const join = (all: typeof parts) =>
      all.map((one) => (one.remark === undefined ? one.part : `${one.part}\n${one.remark}`)).join('\n');
    const eol = (text: string) => text.replaceAll('\n', lineEnd);
    return {
      text: eol(join(parts) + end),
      rest: parts.filter(({ own }) => !own).flatMap(({ part }) => part.split('\n')),
    };
  });

/** Whether it reads well, also with another key behind it: a line of tabs after an empty key does not. */
const isOpenEnded = (text: string) =>
  [text, `${text}\nbehind: it\n`].every((one) => parseAgency({ file: 'a.yaml', text: one }).ok);

describe('spliceStatus', () => {
  it('reads back as what was written, for any text in any field', () => {
    fc.assert(
      fc.property(statuses, (status) => {
        expect(read(spliceStatus(agencyText(), status))).toEqual(status);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['e0', 'E7', 'e-12', 'E+3'])('quotes %s, which a YAML 1.1 reader takes for a number', (word) => {
    const text = spliceStatus(agencyText(), aStatus({ outputs: { word } }));
    expect(text).toContain(`word: "${word}"`);
    expect(parseYaml12(text, { version: '1.1' }).status.outputs).toEqual({ word });
  });

  it('means the same to a YAML 1.1 reader', () => {
    fc.assert(
      fc.property(statuses, (status) => {
        const text = spliceStatus(agencyText(), status);
        expect(parseYaml12(text, { version: '1.1' }).status).toEqual(parseYaml12(text).status);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps what people wrote, puts status last, and changes nothing the second time', () => {
    fc.assert(
      fc.property(manifests, statuses, ({ text, rest }, status) => {
        fc.pre(isOpenEnded(text));
        const once = spliceStatus(text, status);
        expect(spliceStatus(once, status), 'twice is once').toBe(once);
        expect(read(once)).toEqual(status);
        expect(Object.keys(parseYaml12(once)).at(-1)).toBe('status');
        const { status: _, ...before } = parseYaml12(text);
        const { status: __, ...after } = parseYaml12(once);
        expect(after).toEqual(before);
        const kept = once.split(/\r?\n/);
        expect(
          rest.filter((line) => !kept.includes(line)),
          'lines that people wrote',
        ).toEqual([]);
        expect(once.endsWith('\n'), 'the end of the file').toBe(text.endsWith('\n'));
        if (text.includes('\r\n')) expect(once).not.toMatch(/[^\r]\n/);
        if (!/^"?status"?:/m.test(text)) expect(once.startsWith(text), 'byte for byte').toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('replaces exactly the lines of the block', () => {
    const text = '# top\r\nkind:   "Agency" # k\r\n\r\nstatus:\r\n  outputs: { a: b } # c\r\n\r\n# bottom';
    expect(spliceStatus(text, aStatus({ conditions: [], resources: {}, outputs: { a: 'c' } }))).toBe(
      `# top\r\nkind:   "Agency" # k\r\n\r\nstatus:\r\n  observedSpecDigest: "sha256:${'ab'.repeat(32)}"\r\n  startedAt: "2026-11-23T00:00:00.000Z"\r\n  outputs:\r\n    a: c\r\n\r\n# bottom`,
    );
  });

  it('moves a status from the middle to the end and leaves the rest as it was', () => {
    const empty = { conditions: [], outputs: {}, resources: {} };
    expect(spliceStatus('a: 1 # x\nstatus:\n  outputs: {}\n# y\nb: 2', empty)).toBe('a: 1 # x\n# y\nb: 2\nstatus: {}');
  });

  it('writes each record in one order, whatever order it was made in', () => {
    const [a, b] = [
      { b: '2', a: '1' },
      { a: '1', b: '2' },
    ].map((outputs) => spliceStatus('k: v\n', aStatus({ outputs })));
    expect(a).toBe(b);
  });

  it('refuses a text that is no manifest, and says where', () => {
    const splice = () => spliceStatus('a: "b', aStatus());
    expect(splice).toThrow(ManifestError);
    expect(splice).toThrow(/the manifest:1:6 /);
  });
});

describe('a status behind a line of tabs', () => {
  it('is judged by the whole file, as the YAML library does', () => {
    const text = 'nothing:\n\t\nstatus: {}\n';
    expect(readStatus({ file: 'a.yaml', text })).toMatchObject({ ok: false, problems: [{ line: 2, column: 1 }] });
  });
});

describe('readStatus', () => {
  it('says nothing of a manifest without one', () => {
    expect(read(agencyText())).toBeUndefined();
  });

  it('refuses fields it does not know, rather than drop them on the next write', () => {
    const reading = readStatus({ file: 'a.yaml', text: 'status:\n  future: "1"\n' });
    expect(reading).toMatchObject({ ok: false, problems: [{ line: 2, column: 3, path: 'status.future' }] });
  });

  it.each([
    ['another indentation', '  outputs:\n    a: b', '  outputs:\n      a: b'],
    ['a comment', '    a: b', '    a: b # theirs'],
    ['other quotes', '    a: b', "    a: 'b'"],
    ['a key twice', '    a: b', '    a: b\n    a: b'],
  ])('leaves a block with %s to the YAML library', (_, ours, theirs) => {
    const text = spliceStatus('k: v\n', aStatus({ outputs: { a: 'b' } }));
    expect(cutStatus(text)?.status.outputs).toEqual({ a: 'b' });
    expect(text).toContain(ours);
    expect(cutStatus(text.replace(ours, theirs))).toBeUndefined();
  });
});

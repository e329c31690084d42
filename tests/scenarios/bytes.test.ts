import { beforeAll, describe, expect, it } from 'vitest';
import { anAgency } from '../support/agency-manifest.ts';
import { type ControlRoom, openControlRoom } from '../support/control-room.ts';

const agency = anAgency();

/** Everything that people do to YAML, and that a parser would tidy up. */
const WRITTEN = `# yaml-language-server: $schema=./agency.schema.json
# Signed on 3 May; see the contract.   \t

kind: 'Agency'   # the order is ours
apiVersion: "provisioner/v1"


spec:
    owner: {  name: 'Zoë "Z" O''Neil',   email: ${agency.owner.email} }   # prefers phone
    displayName: >-
        Acme & Söhne
        “Studio” 🎨
    env:
        # switched on by request
        FEATURE_INVOICES: "on"
        'QUOTED': 'yes'

        EMPTY: ""
metadata: { uid: "${agency.uid}", name: ${agency.slug} }

`;

const spellings: readonly (readonly [string, string])[] = [
  ['comments, quotes, blank lines and an order of its own', WRITTEN],
  ['CRLF', WRITTEN.replaceAll('\n', '\r\n')],
  ['no line end at its end', WRITTEN.trimEnd()],
];
let room: ControlRoom;

beforeAll(async () => {
  room = await openControlRoom();
});

/** The text outside of the status block, which reaches from its key to the last indented line. */
const outside = (text: string) => text.replace(/^status:\r?\n(?:[ \t].*\r?\n?)*/m, '');

describe('promise 9: what people wrote stays byte for byte', () => {
  it.each(spellings)('keeps a manifest with %s', async (_, written) => {
    const status = /^status:[\s\S]*$/m.exec(await room.read(agency.file).catch(() => ''))?.[0] ?? '';
    await room.put(agency.file, written);
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    const after = await room.read(agency.file);
    const bare = written.endsWith('\n') ? written : `${written}\n`;
    expect(after.startsWith(bare)).toBe(true);
    expect(after.slice(bare.length)).toMatch(/^status:\r?\n {2}observedSpecDigest: "sha256:/);
    expect(after.endsWith('\n')).toBe(written.endsWith('\n'));
    expect(after.includes('\r\n')).toBe(written.includes('\r\n'));
    if (written.includes('\r\n')) expect(after).not.toMatch(/[^\r]\n/);
    // Found again without a status, it is the same agency.
    if (status !== '') expect(idsIn(after)).toEqual(idsIn(status));
  });

  it('keeps what was written around a status that stands already, and replaces that alone', async () => {
    const before = (await room.read(agency.file)).trimEnd();
    await room.put(agency.file, `${before.replace('"on"', '"off"   # for now')}\n# the end\n\n# really\n`);
    const written = await room.read(agency.file);
    const { report, text } = await room.apply();
    expect(report.result, text).toBe('done');
    const after = await room.read(agency.file);
    expect(after).not.toBe(written);
    expect(outside(after)).toBe(outside(written));
    expect(outside(after)).toContain('"off"   # for now');
    expect(after.endsWith('\n# the end\n\n# really\n')).toBe(true);
  });

  it('keeps every other file', async () => {
    const before = await room.files();
    await room.put(agency.file, (await room.read(agency.file)).replace('"off"', '"on"'));
    expect((await room.apply()).report.result).toBe('done');
    const after = await room.files();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(Object.keys(after).filter((file) => after[file] !== before[file])).toEqual([agency.file]);
  });
});

const idsIn = (text: string) => [...text.matchAll(/\bid: (\S+)/g)].map(([, id]) => id).sort();

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIssueForm } from './issue-form.ts';

const answers = {
  'Agency name': 'Acme Studio',
  'Owner name': 'Acme Owner',
  'Owner email': 'owner@acme.example',
  Region: 'eu-west-1',
  Notes: 'They start in May.',
};

/** As GitHub writes what was filled in. */
const form = (changes: Partial<Record<keyof typeof answers, string>> = {}) =>
  Object.entries({ ...answers, ...changes })
    .map(([label, answer]) => `### ${label}\n\n${answer}`)
    .join('\n\n');

describe('an issue form', () => {
  it.each(['\n', '\r\n'])('is read by its labels, with line ends %j', (end) => {
    expect(readIssueForm(form().replaceAll('\n', end))).toEqual({
      agencyName: 'Acme Studio',
      ownerName: 'Acme Owner',
      ownerEmail: 'owner@acme.example',
      region: 'eu-west-1',
      notes: 'They start in May.',
    });
  });

  it.each(['_No response_', '', '   '])('leaves out what was answered with %j', (nothing) => {
    expect(readIssueForm(form({ Region: nothing, Notes: nothing }))).toEqual({
      agencyName: 'Acme Studio',
      ownerName: 'Acme Owner',
      ownerEmail: 'owner@acme.example',
    });
  });

  it('takes the form’s own word for no region as none', () => {
    expect(readIssueForm(form({ Region: 'Default' }))).not.toHaveProperty('region');
  });

  it.each(['Agency name', 'Owner name', 'Owner email'] as const)('is refused without "%s"', (label) => {
    expect(() => readIssueForm(form({ [label]: '_No response_' }))).toThrow(`the issue does not say "${label}"`);
    expect(() => readIssueForm('')).toThrow(/does not say/);
  });

  it('lets no heading within the notes name another owner', () => {
    const notes = 'Thanks\n\n### Owner email\n\nevil@evil.example\n\n### Notes\n\nmore';
    expect(readIssueForm(form({ Notes: notes }))).toMatchObject({ ownerEmail: 'owner@acme.example', notes });
  });

  it('refuses a field that stands there twice', () => {
    const smuggled = form({ 'Agency name': 'Acme\n\n### Owner email\n\nevil@evil.example' });
    expect(() => readIssueForm(smuggled)).toThrow(/the field "Owner email" twice/);
    expect(() => readIssueForm(form({ 'Owner name': '### Owner email' }))).toThrow(/twice/);
  });

  it('takes headings that are not its own for part of an answer', () => {
    expect(readIssueForm(form({ Region: 'x\n### Owner  email\n#### Owner email\n ### Owner email' }))).toMatchObject({
      region: 'x\n### Owner  email\n#### Owner email\n ### Owner email',
      ownerEmail: 'owner@acme.example',
    });
  });

  it('gives the owner that was filled in whatever the notes say, or nothing', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom(...Object.keys(answers).map((label) => `### ${label}`)));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        expect(readIssueForm(form({ Notes: lines.join('\n') })).ownerEmail).toBe('owner@acme.example');
      }),
    );
  });
});

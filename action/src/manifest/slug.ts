import { quote, tell } from './text.ts';

/** Three to forty characters: it becomes a file name, part of a host name, and part of every vendor's name. */
export const slugPattern = /^[a-z](?!.*--)[a-z0-9-]{1,38}[a-z0-9]$/;

/** What is wrong with a slug and how to mend it. Call it for a slug that does not match the pattern. */
export function explainSlug(slug: string): string {
  const complaint = complaints.find(({ when }) => when(slug));
  return complaint
    ? tell(`${quote(slug)} ${complaint.because}`, complaint.remedy)
    : tell(`${quote(slug)} is not a slug`, 'use small letters, digits and single hyphens');
}

const complaints: readonly { when: (slug: string) => boolean; because: string; remedy: string }[] = [
  {
    when: (slug) => slug === '',
    because: 'is empty',
    remedy: 'use 3 to 40 small letters, digits and hyphens',
  },
  {
    when: (slug) => /[/\\]|\.\./.test(slug),
    because: 'looks like a path',
    remedy: 'use the bare name; the file stands in agencies/ itself',
  },
  {
    when: (slug) => /[^ -~]/.test(slug),
    because: 'contains letters outside a to z, some of which only look like them',
    remedy: 'type it anew with the letters a to z',
  },
  {
    when: (slug) => /[A-Z]/.test(slug),
    because: 'contains capital letters',
    remedy: 'write it in small letters',
  },
  {
    when: (slug) => slug.length > 40,
    because: 'is longer than 40 characters',
    remedy: 'shorten it to at most 40 characters',
  },
  {
    when: (slug) => slug.length < 3,
    because: 'is shorter than 3 characters',
    remedy: 'use at least 3 characters',
  },
  {
    when: (slug) => /[^a-z0-9-]/.test(slug),
    because: 'contains a character other than a to z, 0 to 9 and "-"',
    remedy: 'replace it by a hyphen',
  },
  {
    when: (slug) => !/^[a-z]/.test(slug),
    because: 'does not begin with a letter',
    remedy: 'begin it with a letter from a to z',
  },
  {
    when: (slug) => slug.endsWith('-'),
    because: 'ends with a hyphen',
    remedy: 'end it with a letter or a digit',
  },
  {
    when: (slug) => slug.includes('--'),
    because: 'contains two hyphens in a row',
    remedy: 'use single hyphens',
  },
];

import * as z from 'zod';
import { isAmbiguous, WaitingError } from '../engine/errors.ts';
import { apiOf } from './api.ts';
import { byBot, user } from './authors.ts';
import type { Issues, KeyedIssue } from './forge.ts';
import type { Repository } from './github.ts';

/** By which people, and we, find them all. */
export const LABEL = 'provisioner';

const issue = z.object({
  number: z.number(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  user,
  pull_request: z.unknown().optional(),
});
type Read = z.output<typeof issue>;
const MARKER = /^<!-- agency-provisioner issue ([\w./-]{1,100}) -->\n(.*)$/s;

/**
 * https://docs.github.com/en/rest/issues/issues. The key stands in the first line, invisibly, of what a bot wrote. A new
 * failure after a recovery opens a new issue: whoever closed the old one is not told of it any more.
 */
export function issues(repository: Repository): Issues {
  const api = apiOf(repository, 'issues');
  const open = async () => {
    const query = { state: 'open', labels: LABEL, sort: 'created', direction: 'asc' };
    const all = await api.all({ operation: 'read the open issues', path: '/issues', query, schema: issue });
    return all.flatMap((one) => keyed(one) ?? []).toSorted((a, b) => a.number - b.number);
  };
  const ofKey = async (key: string) => (await open()).filter((one) => one.key === key);
  const create = async (title: string, body: string) => {
    const question = { operation: 'open an issue', path: '/issues', body: { title, body, labels: [LABEL] } };
    // One whose answer was lost is found by looking, as one that somebody else opened.
    return api.write({ ...question, schema: issue }).catch((thrown) => {
      if (!isAmbiguous(thrown)) throw thrown;
      return undefined;
    });
  };
  const change = (number: number, body: object) =>
    api.make({
      operation: `change issue #${number}`,
      method: 'PATCH',
      path: `/issues/${number}`,
      body,
      repeatable: true,
      schema: issue,
    });
  const say = async (number: number, comment: string) => {
    const question = { operation: `comment on #${number}`, path: `/issues/${number}/comments` };
    await api.write({ ...question, body: { body: comment }, schema: z.unknown() });
  };

  return {
    open,
    say,
    ensure: async ({ key, title, body }) => {
      const text = `<!-- agency-provisioner issue ${key} -->\n${body}`;
      const made = (await ofKey(key)).length === 0 ? await create(title, text) : undefined;
      const mine = made && keyed(made);
      // The list may lag behind what was just opened.
      const [first = mine, ...others] = await ofKey(key);
      if (!first) throw nowhere(key);
      for (const { number } of others) await change(number, { state: 'closed', state_reason: 'duplicate' });
      if (first.title !== title || first.body !== body) await change(first.number, { title, body: text });
      const { number, url } = first;
      return { key, number, url, body, opened: mine?.number === number };
    },
    close: async (key, comment) => {
      for (const { number } of await ofKey(key)) {
        await say(number, comment);
        await change(number, { state: 'closed', state_reason: 'completed' });
      }
    },
  };
}

interface Found extends KeyedIssue {
  readonly title: string;
}

function keyed({ number, html_url: url, title, body: text, pull_request, ...author }: Read): Found | undefined {
  const [, key, body] = MARKER.exec(text ?? '') ?? [];
  if (key === undefined || body === undefined || pull_request !== undefined || !byBot(author)) return undefined;
  return { key, number, url, title, body };
}

function nowhere(key: string): WaitingError {
  return new WaitingError(`the issue about ${key} was opened and is not listed yet`, 'Run again; it is found then.');
}

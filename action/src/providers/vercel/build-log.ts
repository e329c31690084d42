import * as z from 'zod';
import { ProviderError } from '../../engine/errors.ts';
import { foreignText } from '../foreign-text.ts';
import type { Vercel } from './client.ts';

/** Lines of the tail; enough to hold the error and its place, few enough for a comment. */
const LINES = 20;
const LINE_LENGTH = 300;
/** Events that are asked for: not every event is a line. */
const EVENTS = 100;

/** Newer answers carry the text at the top, older ones in `payload`. */
const event = z.object({
  created: z.number().default(0),
  text: z.string().nullish(),
  payload: z.object({ text: z.string().nullish() }).nullish(),
});

/**
 * The last lines of a build log, oldest first: foreign text, made fit for an error (no control characters, no secret).
 * What keeps it from being read is told in its place, because it must not hide why the build failed.
 * https://vercel.com/docs/rest-api/deployments/get-deployment-events
 */
export async function buildLogTail(vercel: Vercel, deploymentId: string): Promise<string[]> {
  try {
    const events = await vercel.request({
      operation: 'read build log',
      method: 'GET',
      path: `/v3/deployments/${encodeURIComponent(deploymentId)}/events`,
      query: { direction: 'backward', follow: 0, limit: EVENTS, builds: 1 },
      schema: z.array(event.nullable()),
      scope: 'deployment:log',
    });
    return (events ?? [])
      .flatMap((one) => (one ? [one] : []))
      .toReversed()
      .toSorted((a, b) => a.created - b.created)
      .flatMap(({ text, payload }) => (text ?? payload?.text ?? '').split('\n'))
      .map((line) => foreignText(withoutColour(line), LINE_LENGTH))
      .filter((line) => line !== '')
      .slice(-LINES);
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    return [`(the build log could not be read: ${thrown.message})`];
  }
}

/** Terminal colours are control characters with a tail that would stay behind. */
function withoutColour(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what begins them
  return line.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '');
}

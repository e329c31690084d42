import * as z from 'zod';
import type { Call } from '../providers/http.ts';

/** https://docs.github.com/en/rest/about-the-rest-api/api-versions */
export function headersOf(call: Pick<Call<unknown>, 'headers'> = {}): Record<string, string> {
  return { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', ...call.headers };
}

const said = z.object({
  message: z.string(),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string() })]).catch(''))
    .optional()
    .catch(undefined),
});

/** The list of errors holds what the message only hints at. */
export function explainGitHub(body: unknown): { readonly message?: string } {
  const read = said.safeParse(body).data;
  if (!read) return {};
  const details = (read.errors ?? []).map((one) => (typeof one === 'string' ? one : one.message)).filter(Boolean);
  return { message: [read.message, ...details].join(': ') };
}

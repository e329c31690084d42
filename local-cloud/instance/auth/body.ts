import { z } from 'zod';
import { AuthError, invalid } from './errors.ts';

/** The JSON body in the given shape; an empty body counts as `{}`, unknown fields are ignored as the vendor does. */
export async function readBody<T>(request: Request, shape: z.ZodType<T>): Promise<T> {
  const parsed = shape.safeParse(parseJson(await request.text()));
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0];
  throw new AuthError(
    400,
    'bad_json',
    `Could not parse request body as JSON: ${problem?.path.join('.')} ${problem?.message}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new AuthError(400, 'bad_json', `Could not parse request body as JSON: ${String(error)}`);
  }
}

/** JSON null means "not given", as in the vendor's Go structs. */
export const optional = <T>(shape: z.ZodType<T>) => shape.nullish().transform((value) => value ?? undefined);

export const metadata = z.record(z.string(), z.unknown());

/** The address in lower case, or the vendor's refusal. */
export function checkedEmail(email: string | undefined): string {
  if (email === undefined || email === '') throw invalid('An email address is required');
  if (email.length > 255) throw invalid('An email address is too long');
  if (!/^[^\s@<>"(),:;[\]\\]+@[^\s@.<>"(),:;[\]\\]+(\.[^\s@.<>"(),:;[\]\\]+)+$/.test(email)) {
    throw invalid('Unable to validate email address: invalid format');
  }
  return email.toLowerCase();
}

/** Whether an error of the system, such as `ENOENT`, was thrown; https://nodejs.org/docs/latest-v20.x/api/errors.html#errorcode_1 */
export function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}

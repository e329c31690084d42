/**
 * How a service learns that its lists shall be stale. Set by the cloud itself when a `stale` fault matches; what a
 * client sends under this name is removed before a service sees it.
 */
export const STALE_HEADER = 'x-cloud-stale';

/**
 * Whether a list answering `request` must still hide what was created at `createdAt` (vendor milliseconds since 1970).
 * Without a `stale` fault nothing is hidden.
 */
export function isHidden(request: Request, createdAt: number, now: number): boolean {
  const header = request.headers.get(STALE_HEADER);
  return header !== null && createdAt > now - Number(header);
}

import { setImmediate } from 'node:timers/promises';

/**
 * A list that many ask for and few fetch: whoever asks gets one whose fetching began after the question, so it is never
 * older than what they know, and everybody who asks before that beginning shares it. A thousand agencies that look at
 * the same time cost one list.
 */
export function freshList<T>(fetchAll: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = async (): Promise<T> => {
    await running;
    // Whoever asks in the same turn of the event loop comes along.
    await setImmediate();
    const fetching = fetchAll();
    next = undefined;
    running = fetching.catch(() => undefined);
    return fetching;
  };
  return () => {
    next ??= begin();
    return next;
  };
}

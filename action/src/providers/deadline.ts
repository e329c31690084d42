/** A signal for one piece of work, and the way to say that it has ended. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Lets go of the timer and of the outer signal; call it whatever came of the work. */
  end(): void;
}

/**
 * Fires with a TimeoutError after `ms` real milliseconds, or with the reason of `outer`. By hand, because Node 20 lets
 * the garbage collector take an AbortSignal.timeout to which only AbortSignal.any refers, and then it never fires:
 * https://github.com/nodejs/node/issues/54614.
 */
export function deadlineIn(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const stop = (): void => controller.abort(outer?.reason);
  const expire = (): void => controller.abort(new DOMException('the deadline passed', 'TimeoutError'));
  const timer = setTimeout(expire, ms);
  outer?.addEventListener('abort', stop, { once: true });
  if (outer?.aborted) stop();
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', stop);
    },
  };
}

import type { VendorClock } from './service.ts';

/** One line of `GET /_cloud/requests`. */
export interface LoggedRequest {
  /** Counts from 1 in the order of arrival. */
  readonly n: number;
  readonly service: string;
  readonly method: string;
  /** Without the service's prefix and without the query. */
  readonly path: string;
  /** What was answered; 0 as long as nothing was, and for ever when the connection was cut. */
  status: number;
  /** When it arrived, ISO 8601 in vendor time. */
  readonly at: string;
  /** Vendor milliseconds until the answer. */
  ms: number;
  /** The effect of the fault that hit it. */
  readonly fault?: string;
}

export interface LogLine {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly fault?: string;
}

/** Which requests arrived, in order, since the cloud was started. */
export class RequestLog {
  readonly #lines: LoggedRequest[] = [];
  readonly #clock: VendorClock;

  constructor(clock: VendorClock) {
    this.#clock = clock;
  }

  open(line: LogLine): LoggedRequest {
    const at = new Date(this.#clock.now()).toISOString();
    const entry: LoggedRequest = { n: this.#lines.length + 1, ...line, status: 0, at, ms: 0 };
    this.#lines.push(entry);
    return entry;
  }

  close(entry: LoggedRequest, status: number): void {
    entry.status = status;
    entry.ms = this.#clock.now() - Date.parse(entry.at);
  }

  list(): readonly LoggedRequest[] {
    return this.#lines;
  }
}

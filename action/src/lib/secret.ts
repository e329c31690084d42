import { isMaskable, mask } from './redact.ts';

/**
 * A value that must never be seen. It prints as `***` wherever it is put, is masked from birth in everything that
 * passes `redact`, and is revealed only in providers, at the moment it is sent.
 */
export class Secret {
  readonly #value: string;

  /** `value` must be long enough to be masked; a shorter one would leak through every log. */
  constructor(value: string) {
    if (!isMaskable(value)) throw new TypeError('a secret needs at least 6 characters, or no log could mask it');
    this.#value = value;
    mask(value);
  }

  /** The value in clear. Call it in the statement that sends it, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Secret(***)';
  }
}

/** One file of migrations/agency/. */
export interface Migration {
  /** Fourteen digits. */
  readonly version: string;
  /** What follows the first underscore of the file's name. */
  readonly name: string;
  /** Relative path with slashes, for messages. */
  readonly file: string;
  readonly sql: string;
  /** `sha256:…` of the text with CRLF read as LF, so that a checkout on Windows does not look like another file. */
  readonly digest: string;
  /** False: the file says on its first line that it cannot run inside a transaction. */
  readonly transactional: boolean;
}

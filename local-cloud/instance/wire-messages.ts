/** The PostgreSQL frontend/backend protocol, as far as a server needs it that hands the rest to PostgreSQL itself. */
const sslRequest = 80_877_103;
const gssRequest = 80_877_104;
const cancelRequest = 80_877_102;

export type Opening =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'encryption' | 'cancel' | 'startup'; readonly length: number };

/** The first messages of a connection carry no type byte. */
export function readOpening(bytes: Buffer): Opening {
  if (bytes.length < 8) return { kind: 'incomplete' };
  const length = bytes.readInt32BE(0);
  const code = bytes.readInt32BE(4);
  if (bytes.length < length) return { kind: 'incomplete' };
  if (code === sslRequest || code === gssRequest) return { kind: 'encryption', length };
  return { kind: code === cancelRequest ? 'cancel' : 'startup', length };
}

/** The first complete message, type byte included, or undefined while bytes are missing. */
export function readMessage(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 5) return undefined;
  const length = 1 + bytes.readInt32BE(1);
  return bytes.length < length ? undefined : bytes.subarray(0, length);
}

export const typeOf = (message: Buffer): string => String.fromCharCode(message[0] ?? 0);

/** The SQL of a Query or Parse message, else undefined. */
export function sqlOf(message: Buffer): string | undefined {
  const type = typeOf(message);
  if (type === 'Q') return textAt(message, 5);
  if (type !== 'P') return undefined;
  return textAt(message, message.indexOf(0, 5) + 1);
}

/** The same Query or Parse message with other SQL and no parameter types. */
export function withSql(message: Buffer, sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`);
  if (typeOf(message) === 'Q') return frame('Q', text);
  const name = message.subarray(5, message.indexOf(0, 5) + 1);
  return frame('P', Buffer.concat([name, text, Buffer.from([0, 0])]));
}

export const terminateType = 'X';
export const sync = (): Buffer => frame('S', Buffer.alloc(0));

/** Login accepted, the settings clients ask for, and ready. */
export function welcome(settings: Record<string, string>): Buffer {
  const parameters = Object.entries(settings).map(([name, value]) => frame('S', Buffer.from(`${name}\0${value}\0`)));
  return Buffer.concat([frame('R', int32(0)), ...parameters, frame('K', Buffer.concat([int32(1), int32(1)])), ready]);
}

const ready = frame('Z', Buffer.from('I'));
export const readyLength = ready.length;

/** True when what was sent ends with "ready, in no transaction". */
export function endsIdle(sent: Uint8Array): boolean {
  return Buffer.from(sent.subarray(-readyLength)).equals(ready);
}

function frame(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function textAt(message: Buffer, start: number): string {
  return message.toString('utf8', start, message.indexOf(0, start));
}

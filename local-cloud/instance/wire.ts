import type { Database } from './database.ts';

export interface Wire {
  url(): Promise<string>;
  close(): Promise<void>;
}
export function createWire(_database: Database): Wire {
  return { url: () => Promise.reject(new Error('The wire protocol is not open yet.')), close: async () => undefined };
}

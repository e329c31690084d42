/** Collects the values of one statement; what a client sends reaches SQL only through here or as a quoted name. */
export interface Values {
  readonly list: unknown[];
  /** The placeholder of a value, always of type text. */
  text(value: string): string;
}

export function createValues(): Values {
  const list: unknown[] = [];
  return {
    list,
    text(value) {
      list.push(value);
      return `$${list.length}::text`;
    },
  };
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

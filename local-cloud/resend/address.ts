/** The address in `a@b.c` or `Name <a@b.c>`; undefined when it is neither. */
export function addressIn(text: string): string | undefined {
  if (/[\r\n\0]/.test(text)) return undefined;
  const inner = /^[^<>]*<([^<>]+)>$/.exec(text.trim())?.[1] ?? text.trim();
  return /^[^\s@<>(),;:"[\]\\]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,}$/.test(inner)
    ? inner
    : undefined;
}

/** Lower case; what stands after the `@`. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** What stands before the `@`. */
export const localPartOf = (address: string): string => address.slice(0, address.lastIndexOf('@'));

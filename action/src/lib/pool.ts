/** Maps with at most `width` calls at a time; results keep the order of the items. Rejects with the first failure. */
export async function mapPooled<T, R>(items: readonly T[], width: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) results.set(index, await map(item));
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  return items.map((_, index) => results.get(index) as R);
}

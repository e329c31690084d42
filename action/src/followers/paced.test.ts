import { expect, it } from 'vitest';
import { paced } from './paced.ts';

/** Sleeps until the test lets it go on. */
function aClock() {
  const slept: number[] = [];
  let wake: () => void = () => undefined;
  return {
    slept,
    wake: () => wake(),
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        slept.push(ms);
        wake = resolve;
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('says the first word at once and of the others the last, when its time has come', async () => {
  const clock = aClock();
  const said: number[] = [];
  const { tell } = paced<number>(async (value) => void said.push(value), 5_000, clock);
  for (const value of [1, 2, 3, 4]) tell(value);
  await settled();
  expect(said).toEqual([1]);
  expect(clock.slept).toEqual([5_000]);
  clock.wake();
  await settled();
  expect(said).toEqual([1, 4]);
  clock.wake();
  await settled();
  expect(said).toEqual([1, 4]);
  tell(5);
  await settled();
  expect(said).toEqual([1, 4, 5]);
});

it('ends once what is under way has arrived, and says nothing more', async () => {
  const clock = aClock();
  const said: number[] = [];
  let arrive: () => void = () => undefined;
  const write = (value: number) =>
    new Promise<void>((resolve) => {
      arrive = () => {
        said.push(value);
        resolve();
      };
    });
  const { tell, end } = paced(write, 5_000, clock);
  tell(1);
  tell(2);
  const over = end().then(() => said.push(99));
  await settled();
  expect(said).toEqual([]);
  arrive();
  await over;
  tell(3);
  await settled();
  expect(said).toEqual([1, 99]);
});

it('does not wait for a pause to pass when it ends', async () => {
  const { tell, end } = paced<number>(async () => undefined, 5_000, aClock());
  tell(1);
  await settled();
  await end();
});

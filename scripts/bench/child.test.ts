import { expect, it } from 'vitest';
import { assertDone, measure, runToEnd } from './child.ts';

it('tells what a process used and said', async () => {
  const work = 'const held = Buffer.alloc(150_000_000, 1); for (let i = 0; i < 3e8; i++); console.log(held.length);';
  const idle = await measure(['-e', 'process.exitCode = 3']);
  const busy = await measure(['-e', work]);
  expect(busy.stdout.trim()).toBe('150000000');
  expect(busy.peakMb - idle.peakMb).toBeGreaterThan(100);
  expect(busy.cpuMs).toBeGreaterThan(idle.cpuMs);
  expect(busy.wallMs).toBeGreaterThan(0);
  expect(idle.code).toBe(3);
});

it('hands the variables on, and nothing of its own process', async () => {
  const program = ['-e', 'console.log(process.env.GREETING, process.env.HOME)'];
  expect((await measure(program, { GREETING: 'hello' })).stdout).toBe('hello undefined\n');
});

it('does not take a process that failed for a measurement', async () => {
  const failed = await runToEnd(['-e', 'console.error("the disk is full"); process.exit(1)']);
  expect(() => assertDone(failed)).toThrow('the disk is full');
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'cloud-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm alone ends what it runs',
  async (signal) => {
    const words = ['run', '--silent', 'provision', '--', 'cloud', '--dir', await temporaryFolder()];
    const npm = spawn('npm', words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void npm.kill('SIGKILL'));
    let [origin, said] = ['', ''];
    npm.stderr.on('data', (part) => (said += part));
    for await (const line of createInterface({ input: npm.stdout })) {
      origin = /^# open (.*)$/.exec(line)?.[1] ?? origin;
      if (line === '# ready') break;
    }
    expect((await fetch(origin)).status).toBe(200);
    npm.kill(signal);
    await once(npm, 'close');
    expect(said).toBe('\nStopping. Once more to stop at once.\n');
    await expect
      .poll(
        () =>
          fetch(origin).then(
            () => 'answers',
            () => 'gone',
          ),
        { timeout: 20_000 },
      )
      .toBe('gone');
  },
  60_000,
);

test('what npm is to end takes the place of its shell', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  for (const name of ['provision', 'demo']) expect(scripts[name]).toMatch(/^exec tsx /);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli } from '../cli.ts';

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

describe('a folder', () => {
  test('is one cloud’s at a time, and the second is told whose', async () => {
    const dir = await temporaryFolder();
    const first = await aCloud(dir);
    const second = await ended(dir);
    expect(second.code).toBe(1);
    expect(second.err).toContain(`Blocked: a local cloud has this folder already (process ${process.pid} on`);
    await first.end();
    await (await aCloud(dir)).end();
  });

  test('is free at once when the process of its cloud was killed', async () => {
    const dir = await temporaryFolder();
    const killed = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(killed, 'spawn');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const holder = { token: 'other', pid: killed.pid, host: hostname(), born: '', until: Date.now() + 60_000 };
    await mkdir(join(dir, 'lease'));
    await writeFile(join(dir, 'lease', '1.json'), JSON.stringify(holder));
    await (await aCloud(dir)).end();
  });
});

describe('a port', () => {
  test('is the one that the cloud of this folder had before', async () => {
    const dir = await temporaryFolder();
    const first = await aCloud(dir);
    await first.end();
    const second = await aCloud(dir);
    await second.end();
    expect(second.origin).toBe(first.origin);
    const elsewhere = await aCloud(dir, '--port', '0');
    await elsewhere.end();
    expect(elsewhere.origin).not.toBe(first.origin);
  });

  test('that the cloud had before and that is taken gives way to another one, and people are told', async () => {
    const dir = await temporaryFolder();
    const port = await aTakenPort();
    await writeFile(join(dir, 'port'), `${port}\n`);
    const cloud = await aCloud(dir);
    await cloud.end();
    expect(cloud.err()).toContain(`Port ${port}, which this cloud had before, is taken`);
    expect(await readFile(join(dir, 'port'), 'utf8')).toBe(`${new URL(cloud.origin).port}\n`);
  });

  test('that was asked for and is taken is refused', async () => {
    const port = await aTakenPort();
    expect(await ended(await temporaryFolder(), '--port', String(port))).toMatchObject({
      code: 1,
      err: `Blocked: port ${port} is taken\nNext: Leave --port out, or name another one.\n`,
    });
  });
});

/** A command in this process, and what it says. */
function start(words: readonly string[], onLine: (line: string) => void = () => undefined) {
  const stop = new AbortController();
  let err = '';
  const code = runCli(['cloud', ...words], {
    variables: {},
    cwd: root,
    signal: stop.signal,
    stdout: { write: onLine },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
  });
  return { code, stop, err: () => err };
}

/** One that comes to be ready. */
async function aCloud(dir: string, ...words: string[]) {
  let origin = '';
  let ready = (): void => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const { code, stop, err } = start(['--dir', dir, ...words], (line) => {
    origin = /^# open (.*)\/\n$/.exec(line)?.[1] ?? origin;
    if (line === '# ready\n') ready();
  });
  const end = async () => {
    stop.abort();
    expect(await code).toBe(0);
  };
  onTestFinished(() => stop.abort());
  await Promise.race([isReady, code.then((ended) => Promise.reject(new Error(`ended with ${ended}: ${err()}`)))]);
  return { origin, end, err };
}

/** One that is refused. */
async function ended(dir: string, ...words: string[]) {
  const { code, err } = start(['--dir', dir, ...words]);
  return { code: await code, err: err() };
}

async function aTakenPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

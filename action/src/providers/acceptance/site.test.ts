import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../../tests/support/clock.ts';
import { assertAnswers, assertTurnsAway } from './site.ts';

const SITE = 'https://acme.vercel.app';

/** A site whose answers are given in turn, the last one for ever; a thrown one is a network failure. */
function site(...answers: (Response | Error)[]) {
  const asked: string[] = [];
  const clock = manualClock();
  const fetch: typeof globalThis.fetch = async (input) => {
    asked.push(String(input));
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    // A copy would forget where the answer came from.
    return answer === undefined || answer.url !== '' ? (answer ?? new Response()) : answer.clone();
  };
  return {
    asked,
    clock,
    open: (url = SITE, path = '/') => assertAnswers(url, path, { clock, fetch }),
    close: () => assertTurnsAway(SITE, { clock, fetch }),
  };
}

const status = (code: number) => new Response(null, { status: code });
const from = (url: string) => Object.defineProperty(new Response('login'), 'url', { value: url });

describe('assertAnswers', () => {
  it.each([
    [SITE, '/', `${SITE}/`],
    [`${SITE}/`, '/health', `${SITE}/health`],
    ['http://127.0.0.1:4600/sites/acme.vercel.app', '/health', 'http://127.0.0.1:4600/sites/acme.vercel.app/health'],
  ])('opens the health path below %s', async (url, path, address) => {
    const { asked, open } = site(status(204));
    await open(url, path);
    expect(asked).toEqual([address]);
  });

  it('waits while a new address is not known everywhere', async () => {
    const { asked, clock, open } = site(new TypeError('fetch failed'), status(404), status(503), status(200));
    await open();
    expect(asked).toHaveLength(4);
    expect(clock.elapsed()).toBe(6_000);
  });

  it('gives up after a minute, and says what it saw last', async () => {
    const { clock, open } = site(status(404));
    await expect(open()).rejects.toMatchObject({
      class: 'provider',
      message: `acceptance: ${SITE}/ does not answer: HTTP 404`,
      remedy: expect.stringContaining('runtime log'),
    });
    expect(clock.elapsed()).toBe(60_000);
  });

  it.each([401, 403])('does not wait where visitors are turned away with %i', async (code) => {
    const { asked, open } = site(status(code));
    await expect(open()).rejects.toMatchObject({
      message: expect.stringContaining(`turns visitors away (HTTP ${code})`),
      remedy: expect.stringContaining('deployment protection'),
    });
    expect(asked).toHaveLength(1);
  });

  it('does not take the login page of somebody else for the site', async () => {
    const { open } = site(from('https://vercel.com/login?next=acme'));
    await expect(open()).rejects.toThrow('sends visitors away to vercel.com');
  });

  it('follows the site to a page of its own', async () => {
    await expect(site(from(`${SITE}/login`)).open()).resolves.toBeUndefined();
  });

  it('lets a bug through as a bug', async () => {
    const clock = { ...manualClock(), now: () => Number.NaN };
    const fetch: typeof globalThis.fetch = async () =>
      Object.defineProperty(new Response(), 'url', { value: 'no url' });
    await expect(assertAnswers(SITE, '/', { clock, fetch })).rejects.toThrow(TypeError);
  });
});

describe('assertTurnsAway', () => {
  it('waits while the site still answers somewhere', async () => {
    const { asked, close } = site(status(200), new TypeError('fetch failed'), status(503));
    await close();
    expect(asked).toEqual([SITE, SITE, SITE]);
  });

  it.each([
    ['answers', status(204), 'still answers its visitors (HTTP 204)'],
    ['cannot be asked', new TypeError('fetch failed'), 'fetch failed'],
  ])('does not take a site for closed that %s', async (_, answer, why) => {
    const { clock, close } = site(answer);
    await expect(close()).rejects.toMatchObject({
      class: 'provider',
      message: expect.stringContaining(why),
    });
    expect(clock.elapsed()).toBe(60_000);
    await expect(close()).rejects.toThrow(`acceptance: ${SITE} is not seen to be closed: `);
  });
});

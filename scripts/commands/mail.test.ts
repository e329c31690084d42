import { expect, test } from 'vitest';
import { anAgency } from '../../tests/support/agency-manifest.ts';
import { openControlRoom } from '../../tests/support/control-room.ts';

const room = await openControlRoom();
const agency = anAgency();
const file = agency.file;

/** A look is a GET, a list of SQL that only reads, or a sign-in; everything else acts. */
function acts(method: string, path: string): boolean {
  return method !== 'GET' && !path.includes('/database/query/read-only') && !path.includes('/token');
}

test('before the first mail there is nothing to send again', async () => {
  await room.write(agency);
  await expect(room.resendMail(agency.slug)).rejects.toMatchObject({
    class: 'blocked',
    remedy: expect.stringContaining(`apply ${agency.slug}`),
  });
  await expect(room.resendMail('nobody')).rejects.toMatchObject({ class: 'manifest' });
  expect(room.writes()).toEqual([]);
});

test('the wish is recorded before anything is done, so that a plain apply goes on after a crash', async () => {
  expect((await room.apply()).report.result).toBe('done');
  const stop = new AbortController();
  let recorded = '';
  room.intercept(({ method, path, to }) => {
    if (to === 'github' || !acts(method, path)) return undefined;
    stop.abort();
    return new Response('gone', { status: 500 });
  });
  await room.resendMail(agency.slug, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'plan') recorded = 'planned';
    },
  });
  room.intercept();
  expect(recorded).toBe('planned');
  const status = await room.status(agency.slug);
  expect(status.resources['resend.welcome']).toEqual({ generation: '2' });
  expect(status.conditions.find(({ type }) => type === 'Notified')).toMatchObject({ status: 'False' });
  expect((await room.state()).mails).toHaveLength(1);

  expect((await room.apply()).report.result).toBe('done');
  expect((await room.state()).mails).toHaveLength(2);
  expect((await room.status(agency.slug)).resources['resend.welcome']).toMatchObject({ generation: '2' });
});

test('a wish that was never fulfilled is not counted up by asking again', async () => {
  await room.setStatus(agency.slug, (status) => ({
    ...status,
    resources: { ...status.resources, 'resend.welcome': { generation: '3' } },
  }));
  expect((await room.resendMail(agency.slug)).report.result).toBe('done');
  expect((await room.status(agency.slug)).resources['resend.welcome']).toMatchObject({ generation: '3' });
  expect((await room.state()).mails).toHaveLength(3);
});

test('what people wrote stays byte for byte', async () => {
  expect(await room.read(file)).toContain(agency.text().trimEnd());
});

import { expect, it } from 'vitest';
import { anIntakeRig, aRequest } from '../../../tests/support/intake-rig.ts';
import { claimSlug } from './slug-claim.ts';

it('of two requests that want one, the first keeps it however often it asks', async () => {
  const { ports } = await anIntakeRig();
  const [first, second] = [aRequest('r1'), aRequest('r2')];
  expect(await claimSlug(first, new Set(), ports)).toBe('acme-studio');
  expect(await claimSlug(second, new Set(), ports)).toBe('acme-studio-2');
  expect(await claimSlug(first, new Set(), ports)).toBe('acme-studio');
});

it('waits for a run to come where GitHub neither shows who has it nor gives it away', async () => {
  const blind = ({ method, url }: Request) =>
    method === 'GET' && url.includes('/git/ref/provisioner/slug/')
      ? Response.json({ message: 'Not Found' }, { status: 404 })
      : undefined;
  const { ports, elsewhere } = await anIntakeRig(undefined, { before: blind });
  await claimSlug(aRequest('r1'), new Set(), elsewhere());
  await expect(claimSlug(aRequest('r2'), new Set(), ports)).rejects.toMatchObject({
    class: 'waiting',
    message: 'the slug acme-studio could not be set aside: provisioner/slug/acme-studio is neither there nor free',
  });
});

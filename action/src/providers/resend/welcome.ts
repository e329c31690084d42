import { BlockedError, ProviderError } from '../../engine/errors.ts';
import type { Found, Identity, Kind, Readiness, Scope } from '../../engine/kind.ts';
import { timestamp } from '../../lib/clock.ts';
import type { Secret } from '../../lib/secret.ts';
import { acceptedPassword, isMailId, notNeeded, passwordLabel, sentUnseen, welcomeOf } from '../handover.ts';
import type { Instance, Instances } from '../supabase/instance.ts';
import { readOwner, updateOwner } from '../supabase/owner-api.ts';
import { hasSignedIn, keepsPassword, type Owner, type OwnerMark, seenBy } from '../supabase/owner-mark.ts';
import { isRefused, type Resend } from './client.ts';
import { doubtAbout, recipient } from './doubt.ts';
import { welcomeMail } from './mail.ts';

export interface WelcomeInputs {
  readonly from: string;
  readonly support: string;
  readonly ownerName: string;
  readonly agencyName: string;
  readonly url: string;
  readonly supabaseUrl: string;
  readonly secretKey: Secret;
  readonly userId: string;
  /** Where the mail goes. */
  readonly email: string;
  readonly password: Secret;
  /** Of `password`; each generation is mailed once. */
  readonly generation: string;
}

export type WelcomeScope = Scope<WelcomeInputs>;
/** By the generation of the password in it. */
type Sent = Found<string>;

/** Asked once: what comes back later, a later look tells. */
const ONCE = { everyMs: 1_000, forMs: 0 };
const LOST = ['bounced', 'complained', 'suppressed', 'failed', 'canceled'];

/**
 * The mail that hands an agency over, sent once for each generation of the first password. That it begins, and then its
 * id, is written into the owner's mark, beside the only account that it is about, so that no run forgets it: what was
 * begun and not finished is repeated under the same idempotency key while Resend knows that key, and is a person's to
 * decide after that.
 */
export function resendWelcome(resend: Resend, instances: Instances): Kind<WelcomeInputs, string> {
  const instanceOf = ({ inputs }: WelcomeScope) => instances(inputs.supabaseUrl, inputs.secretKey);
  return {
    name: 'resend.welcome',
    holdsData: true,
    pace: ONCE,
    stableOutputs: ['mailId'],
    identify: async (scope) => identityOf(scope, await ownerOf(instanceOf(scope), scope)),
    read: async (scope, id) => {
      const seen = identityOf(scope, await ownerOf(instanceOf(scope), scope));
      return seen.state === 'found' && seen.id === id ? seen : undefined;
    },
    diff: () => [],
    create: (scope) => send(resend, instanceOf(scope), scope),
    update: async () => undefined,
    // A mail cannot be taken back, so there is nothing left to remove.
    delete: async () => undefined,
    ready: (_scope, found) => delivery(resend, found),
    outputs: (_scope, { id }) => ({ mailId: id }),
    remember: (_scope, { actual: generation }) => ({ generation }),
  };
}

async function ownerOf(instance: Instance, { agency, inputs }: WelcomeScope): Promise<Owner | undefined> {
  const found = await readOwner(instance, inputs.userId);
  // An account with another agency's mark is a stranger's.
  return found && seenBy(agency.uid, found.actual);
}

function sent(id: string, generation: string): Sent {
  return { id, actual: generation };
}

function identityOf(scope: WelcomeScope, owner: Owner | undefined): Identity<string> {
  const doubt = doubtAbout(scope, owner);
  if (doubt) return { state: 'vanished', id: `begun:${keyOf(scope)}`, ...doubt };
  const mail = owner && mailTo(scope, owner);
  return mail ? { state: 'found', ...mail } : { state: 'absent' };
}

/** The mail that the owner has, or what stands in for it. */
function mailTo({ agency, inputs }: WelcomeScope, owner: Owner): Sent | undefined {
  if (keepsPassword(owner)) return sent(notNeeded(agency.uid, inputs.generation), inputs.generation);
  const welcome = welcomeOf(owner.mark);
  if (!welcome || Number(welcome.generation) < Number(inputs.generation)) return undefined;
  const { generation, id } = welcome;
  if (id !== undefined) return sent(id, generation);
  // Whoever signed in got the mail, although nobody heard that it was sent.
  return hasSignedIn(owner) ? sent(sentUnseen(agency.uid, generation), generation) : undefined;
}

function keyOf({ agency, inputs }: WelcomeScope): string {
  return `${agency.uid}-${inputs.generation}`;
}

async function send(resend: Resend, instance: Instance, scope: WelcomeScope): Promise<Sent> {
  const { agency, inputs } = scope;
  const owner = await ownerOf(instance, scope);
  if (!owner?.mark) throw withoutOwner(scope);
  const { mark } = owner;
  assertPasswordWorks(scope, mark);
  const begun = await begin(instance, scope, owner, mark);
  const mail = welcomeMail({ ...inputs, to: inputs.email, email: owner.email });
  const id = await resend.send(mail, keyOf(scope)).catch(async (thrown: unknown) => {
    // A mail that provably did not go out was never begun; what an earlier run began may have gone out all the same.
    throw begun.resumed || !isRefused(thrown) ? thrown : await takenBack(note(instance, scope, mark), thrown);
  });
  const known = id === 'already-sent' ? sentUnseen(agency.uid, inputs.generation) : id;
  await note(instance, scope, { ...mark, welcome: { ...begun.welcome, id: known } });
  return sent(known, inputs.generation);
}

/** Goes on with what an earlier run began, or writes down that it begins. */
async function begin(instance: Instance, scope: WelcomeScope, owner: Owner, mark: OwnerMark) {
  const { inputs, clock } = scope;
  const before = welcomeOf(mark);
  const doubt = doubtAbout(scope, owner);
  if (doubt) throw new BlockedError(doubt.because, doubt.remedy);
  if (before?.generation === inputs.generation) return { welcome: before, resumed: true };
  const welcome = { generation: inputs.generation, at: timestamp(clock.now()), to: recipient(inputs) };
  await note(instance, scope, { ...mark, welcome });
  return { welcome, resumed: false };
}

/** What to throw: Resend's refusal, which a person must hear of, and behind it why it could not be noted. */
async function takenBack(noting: Promise<void>, refusal: unknown): Promise<unknown> {
  try {
    await noting;
    return refusal;
  } catch (unnoted) {
    if (!(refusal instanceof ProviderError)) return refusal;
    const both = new AggregateError([refusal, unnoted], 'the mail was refused, and that could not be noted');
    return new ProviderError(refusal.failure, refusal.message, refusal.remedy, both);
  }
}

async function note(instance: Instance, { inputs }: WelcomeScope, mark: OwnerMark): Promise<void> {
  await updateOwner(instance, inputs.userId, { app_metadata: { provisioner: mark } });
}

function withoutOwner({ agency, inputs }: WelcomeScope): BlockedError {
  return new BlockedError(
    `the user ${inputs.userId} is not ${agency.slug}’s owner (any more), so nothing is mailed`,
    'Look at what supabase.owner says, and run again.',
  );
}

/** After a change of PROVISIONER_SECRET another password is derived than the one that the owner has. */
function assertPasswordWorks({ agency, inputs, keyring }: WelcomeScope, mark: OwnerMark): void {
  const accepted = acceptedPassword(mark);
  const label = passwordLabel(agency.uid, inputs.generation, inputs.password);
  if (accepted === undefined || keyring.matches(label, accepted)) return;
  throw new BlockedError(
    'the first password that would be mailed is not the one that was accepted',
    `PROVISIONER_SECRET has changed since. \`npm run provision -- mail resend ${agency.slug}\` sets and mails a new one.`,
  );
}

async function delivery(resend: Resend, found: Sent): Promise<Readiness<string>> {
  const event = isMailId(found.id) ? await resend.lastEvent(found.id) : undefined;
  if (event === undefined || !LOST.includes(event)) return { state: 'ready', found };
  return {
    state: 'failed',
    because: `the welcome mail ${found.id} was ${event}`,
    remedy:
      'Put the owner’s right address into the manifest, or have the present one accept mail again; then ' +
      '`npm run provision -- mail resend <slug>` sends another one.',
  };
}

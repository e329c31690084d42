import { BlockedError } from '../../engine/errors.ts';
import type { Found, Identity, Kind, Readiness, Scope } from '../../engine/kind.ts';
import { timestamp } from '../../lib/clock.ts';
import { canonicalJson, sha256 } from '../../lib/digest.ts';
import type { Secret } from '../../lib/secret.ts';
import { foreignText } from '../foreign-text.ts';
import { acceptedPassword, passwordLabel, type WelcomeMark, welcomeOf } from '../handover.ts';
import type { Instance, Instances } from '../supabase/instance.ts';
import { readOwner, updateOwner } from '../supabase/owner-api.ts';
import type { Owner, OwnerMark } from '../supabase/owner-mark.ts';
import type { Mail, Resend } from './client.ts';
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

type WelcomeScope = Scope<WelcomeInputs>;
type Sent = Found<null>;

/** How long Resend knows an idempotency key: https://resend.com/docs/dashboard/emails/idempotency-keys */
const KEY_LIVES_MS = 24 * 60 * 60_000;
/** Stands before the key where a mail is known to have been sent and its id is not. */
const SENT = 'sent:';
const LOST = ['bounced', 'complained', 'suppressed', 'failed', 'canceled'];

/**
 * The mail that hands an agency over, sent once for each generation of the first password. That it begins, and then its
 * id, is written into the owner's mark, beside the only account that it is about, so that no run forgets it: what was
 * begun and not finished is repeated under the same idempotency key while Resend knows that key, and is a person's to
 * decide after that.
 */
export function resendWelcome(resend: Resend, instances: Instances): Kind<WelcomeInputs, null> {
  const instanceOf = ({ inputs }: WelcomeScope) => instances(inputs.supabaseUrl, inputs.secretKey);
  return {
    name: 'resend.welcome',
    holdsData: true,
    pace: { everyMs: 1_000, forMs: 5_000 },
    stableOutputs: ['mailId'],
    identify: async (scope) => identityOf(scope, welcomeOf((await ownerOf(instanceOf(scope), scope))?.mark)),
    read: async (scope, id) => {
      const welcome = welcomeOf((await ownerOf(instanceOf(scope), scope))?.mark);
      return welcome?.id === id ? sent(id) : undefined;
    },
    diff: () => [],
    create: (scope) => send(resend, instanceOf(scope), scope),
    update: async () => undefined,
    // A mail cannot be taken back, so there is nothing left to remove.
    delete: async () => undefined,
    ready: (_scope, found) => delivery(resend, found),
    outputs: (_scope, { id }) => ({ mailId: id }),
    remember: ({ inputs }) => ({ generation: inputs.generation }),
  };
}

async function ownerOf(instance: Instance, { inputs }: WelcomeScope): Promise<Owner | undefined> {
  return (await readOwner(instance, inputs.userId))?.actual;
}

function sent(id: string): Sent {
  return { id, actual: null };
}

function identityOf(scope: WelcomeScope, welcome: WelcomeMark | undefined): Identity<null> {
  const { agency, inputs, clock } = scope;
  if (!welcome || Number(welcome.generation) < Number(inputs.generation)) return { state: 'absent' };
  if (welcome.id !== undefined) return { state: 'found', ...sent(welcome.id) };
  if (clock.now() - Date.parse(welcome.at) < KEY_LIVES_MS) return { state: 'absent' };
  return {
    state: 'vanished',
    id: `begun:${keyOf(scope)}`,
    because: `the welcome mail was begun at ${foreignText(welcome.at, 40)} and nobody knows whether it was sent`,
    remedy: `Ask the owner whether it came. \`npm run provision -- mail resend ${agency.slug}\` sends another one, with a new password.`,
  };
}

function keyOf({ agency, inputs }: WelcomeScope): string {
  return `${agency.uid}-${inputs.generation}`;
}

async function send(resend: Resend, instance: Instance, scope: WelcomeScope): Promise<Sent> {
  const owner = await ownerOf(instance, scope);
  if (!owner?.mark) throw withoutOwner(scope);
  assertPasswordWorks(scope, owner.mark);
  const mail = mailOf(scope, owner);
  const begun = beginning(scope, owner.mark, mail);
  if (begun.generation !== welcomeOf(owner.mark)?.generation) await note(instance, scope, owner.mark, begun);
  const id = await resend.send(mail, keyOf(scope));
  const known = id === 'already-sent' ? SENT + keyOf(scope) : id;
  await note(instance, scope, owner.mark, { ...begun, id: known });
  return sent(known);
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

function mailOf({ inputs }: WelcomeScope, { email }: Owner): Mail {
  return welcomeMail({ ...inputs, to: inputs.email, email });
}

/** As it was begun before, or as it begins now; the digest lets people see later whether it was this very mail. */
function beginning({ inputs, keyring, clock }: WelcomeScope, mark: OwnerMark, mail: Mail): WelcomeMark {
  const before = welcomeOf(mark);
  if (before?.generation === inputs.generation) return before;
  const payloadDigest = keyring.fingerprint(sha256(canonicalJson({ ...mail })));
  return { generation: inputs.generation, payloadDigest, at: timestamp(clock.now()) };
}

async function note(instance: Instance, { inputs }: WelcomeScope, mark: OwnerMark, welcome: WelcomeMark) {
  await updateOwner(instance, inputs.userId, { app_metadata: { provisioner: { ...mark, welcome } } });
}

async function delivery(resend: Resend, found: Sent): Promise<Readiness<null>> {
  const event = found.id.startsWith(SENT) ? undefined : await resend.lastEvent(found.id);
  if (event === undefined || !LOST.includes(event)) return { state: 'ready', found };
  return {
    state: 'failed',
    because: `the welcome mail ${found.id} was ${event}`,
    remedy:
      'Put the owner’s right address into the manifest, or have the present one accept mail again; then ' +
      '`npm run provision -- mail resend <slug>` sends another one.',
  };
}

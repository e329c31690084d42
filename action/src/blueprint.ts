import { atRest } from './at-rest.ts';
import { BlockedError } from './engine/errors.ts';
import { type Address, type Input, type Inputs, type Recorded, Ref, type Resource } from './engine/resource.ts';
import type { Keyring } from './lib/keyring.ts';
import type { Secret } from './lib/secret.ts';
import type { Target } from './manifest/target.ts';
import { CLOSED_AUTH, created, ready, resource } from './parts.ts';

/** What the blueprint needs beside the target to say what an agency consists of. */
export interface Blueprint {
  readonly target: Target;
  /** What status remembers: whether a deployment serves already, and which generation of the welcome mail is wished. */
  readonly recorded: ReadonlyMap<Address, Recorded>;
  readonly keyring: Keyring;
  /** The action's secrets that this fleet may use, by name; absent when the run has no such secret. */
  secret(name: string): Secret | undefined;
  /** Milliseconds since 1970, for what may be destroyed from a date on; absent, nothing may. */
  readonly now?: number;
}

/**
 * What an agency consists of, and what waits for what. Pure. The order of the list is for readers; the graph is in
 * `after`, where each dependency names the stage it needs, so that independent branches overlap.
 */
export function blueprint(from: Blueprint): Resource[] {
  const { target } = from;
  const all = target.lifecycle === 'active' ? [...database(from), ...app(from), ...handover(from)] : atRest(from);
  return all.map((one) => withAllowance(one, target));
}

const ref = new Ref('supabase.project', 'ref');
const supabaseUrl = new Ref('supabase.project', 'url');
const secretKey = new Ref('supabase.keys', 'secretKey');
const publishableKey = new Ref('supabase.keys', 'publishableKey');
const instanceUrl = new Ref('vercel.deployment', 'url');

function database({ target, recorded, keyring }: Blueprint): Resource[] {
  const { supabaseName: name, region, size, schema, owner } = target;
  const files = schema.files.map((file) => ({ ...file }));
  return [
    resource('supabase.project', { name, region, size }, []),
    // Keys are often readable before the database is up, so the first build of the app need not wait for it.
    resource('supabase.keys', { ref }, [created('supabase.project')]),
    // Sign-up is closed before there is a table that a stranger could reach.
    resource('supabase.auth', { ref, settings: { ...CLOSED_AUTH, external_email_enabled: true } }, [
      ready('supabase.project'),
    ]),
    resource('supabase.migrations', { ref, files }, [ready('supabase.project'), ready('supabase.auth')]),
    resource(
      'supabase.owner',
      { ref, url: supabaseUrl, secretKey, ...owner, ...firstPassword(target, recorded, keyring) },
      [ready('supabase.migrations'), ready('supabase.keys')],
    ),
  ];
}

function app(from: Blueprint): Resource[] {
  const { target, recorded } = from;
  const { vercelName: name, uid, app: source } = target;
  const { repository, ref: gitRef, revision, framework, rootDirectory } = source;
  const project = { name, uid, ...(framework && { framework }), ...(rootDirectory && { rootDirectory }) };
  // A serving app must not get code ahead of its schema; a first build has nobody to disappoint and need not wait.
  const serving = recorded.get('vercel.deployment')?.id !== undefined;
  return [
    resource('vercel.project', project, []),
    resource('vercel.env', { projectId: new Ref('vercel.project', 'id'), variables: variables(from) }, [
      ready('vercel.project'),
      created('supabase.project'),
      ready('supabase.keys'),
    ]),
    resource(
      'vercel.deployment',
      {
        projectId: new Ref('vercel.project', 'id'),
        projectName: name,
        repository,
        ref: gitRef,
        revision,
        envRevision: new Ref('vercel.env', 'revision'),
      },
      [ready('vercel.project'), ready('vercel.env'), ...(serving ? [ready('supabase.migrations')] : [])],
    ),
  ];
}

function handover({ target, recorded, keyring }: Blueprint): Resource[] {
  const { owner, healthPath, displayName, mail } = target;
  const password = firstPassword(target, recorded, keyring);
  const signIn = {
    supabaseUrl,
    secretKey,
    userId: new Ref('supabase.owner', 'userId'),
    email: owner.email,
    ...password,
  };
  const site = { site_url: instanceUrl, uri_allow_list: instanceUrl };
  return [
    resource('supabase.site', { ref, settings: site }, [ready('supabase.auth'), ready('vercel.deployment')]),
    resource(
      'acceptance',
      {
        ...signIn,
        ref,
        publishableKey,
        url: instanceUrl,
        healthPath,
        schemaVersion: new Ref('supabase.migrations', 'schemaVersion'),
        deploymentId: new Ref('vercel.deployment', 'id'),
      },
      [ready('supabase.owner'), ready('supabase.site'), ready('vercel.deployment')],
    ),
    {
      ...resource(
        'resend.welcome',
        { ...signIn, ...mail, ownerName: owner.name, agencyName: displayName, url: instanceUrl },
        [ready('acceptance')],
      ),
      condition: 'Notified',
    },
  ];
}

/** Which secret the owner was first mailed; a new generation is a new password, see `provision mail resend`. */
function firstPassword(target: Target, recorded: Blueprint['recorded'], keyring: Keyring) {
  const generation = generationOf(recorded);
  return { generation, password: keyring.password(`owner:${target.uid}:${generation}`) };
}

/**
 * The generation of the owner's first password that is wished; it begins with 1. The owner's record tells of one that
 * was set although the mail's was lost.
 */
export function generationOf(recorded: ReadonlyMap<Address, Recorded>): string {
  const known = ['resend.welcome', 'supabase.owner'].map((address) => Number(recorded.get(address)?.generation ?? 1));
  return String(Math.max(...known.filter(Number.isSafeInteger), 1));
}

function variables({ target, secret }: Blueprint): Inputs {
  const { env, instanceEnv: names } = target;
  const own = {
    [names.supabaseUrl]: supabaseUrl,
    [names.publishableKey]: publishableKey,
    [names.projectId]: ref,
    [names.agencyName]: target.displayName,
    ...(names.secretKey && { [names.secretKey]: secretKey }),
  };
  const wished = Object.entries(env).map(([key, value]): [string, Input] => {
    return [key, typeof value === 'string' ? value : available(value.secret, secret(value.secret))];
  });
  return { ...Object.fromEntries(wished), ...own };
}

function available(name: string, value: Secret | undefined): Secret {
  if (value) return value;
  throw new BlockedError(
    `the secret ${name} is not there, although the manifest names it`,
    `Add ${name} to the protected environment and to the workflow’s env, and run again.`,
  );
}

/** What people allowed by name in the manifest. */
function withAllowance(resource: Resource, { adopt, recreate, destroy }: Target): Resource {
  const named = Object.entries({ adopt, recreate, destroy }).flatMap(([act, ids]) => {
    const id = ids[resource.address];
    return id === undefined ? [] : [[act, id] as const];
  });
  return named.length === 0 ? resource : { ...resource, allow: Object.fromEntries(named) };
}

/** What status shows of an instance, by output. */
export const STATUS_OUTPUTS: Readonly<Record<string, Ref>> = {
  instanceUrl,
  supabaseUrl,
  schemaVersion: new Ref('supabase.migrations', 'schemaVersion'),
  appRevision: new Ref('vercel.deployment', 'revision'),
};

/** The names that the vendors' lists should show for an agency, for a look that costs no call of its own. */
export function listedNames({ supabaseName, vercelName }: Target): ReadonlyMap<Address, string> {
  return new Map([
    ['supabase.project', supabaseName],
    ['vercel.project', vercelName],
  ]);
}

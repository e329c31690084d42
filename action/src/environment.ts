import * as z from 'zod';
import { BlockedError } from './engine/errors.ts';
import { Secret } from './lib/secret.ts';
import {
  ABOUT,
  apiUrl,
  baseUrl,
  credential,
  privateKey,
  repository,
  secretKey,
  timeScale,
  urlTemplate,
  vendorName,
} from './variables.ts';

/** A process's variables; read once at the entry and handed in. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What every command may know: it holds no credential. */
export interface Surroundings {
  /** The repository of the control room, where GitHub Actions says so. */
  readonly repository?: string;
  /** Overrides the Supabase organization of fleet.yaml. */
  readonly organization?: string;
  /** Overrides the Vercel team of fleet.yaml. */
  readonly team?: string;
}

/** How GitHub is reached, and as whom; URLs are without a slash at their end. */
export interface GitHubEnvironment {
  readonly token?: Secret;
  readonly app?: { readonly clientId: string; readonly privateKey: Secret };
  readonly apiUrl: string;
  /** Where people look at it. */
  readonly serverUrl: string;
}

/** The company's own database, where onboarding requests are. */
export interface ControlPlaneEnvironment {
  readonly url: string;
  readonly secretKey: Secret;
}

/** What a command needs that speaks to the control room's repository and to no vendor. */
export interface ForgeEnvironment {
  readonly repository: string;
  readonly github: GitHubEnvironment;
  readonly controlPlane?: ControlPlaneEnvironment;
  readonly timeScale: number;
}

/** What plan and apply need to reach the vendors; URLs are without a slash at their end. */
export interface Environment extends Surroundings {
  readonly supabase: { readonly token: Secret; readonly apiUrl: string; readonly projectUrl: string };
  readonly vercel: { readonly token: Secret; readonly apiUrl: string };
  readonly instanceUrl: string;
  readonly resend: { readonly apiKey: Secret; readonly baseUrl: string };
  readonly github: GitHubEnvironment;
  readonly controlPlane?: ControlPlaneEnvironment;
  readonly provisionerSecret: Secret;
  readonly previousSecret?: Secret;
  /** Real milliseconds that one millisecond of the vendors takes. */
  readonly timeScale: number;
  /** The secret of that name for agencies' apps. Throws BlockedError for one that is too short to be masked. */
  agencySecret(name: string): Secret | undefined;
}

const surroundings = z.object({
  GITHUB_REPOSITORY: repository.optional(),
  SUPABASE_ORG_ID: vendorName.optional(),
  VERCEL_TEAM_ID: vendorName.optional(),
});

const github = z.object({
  GITHUB_TOKEN: credential(8).optional(),
  GITHUB_API_URL: apiUrl('https://api.github.com'),
  GITHUB_SERVER_URL: apiUrl('https://github.com'),
  PROVISIONER_APP_CLIENT_ID: vendorName.optional(),
  PROVISIONER_APP_PRIVATE_KEY: privateKey.optional(),
});

const controlPlane = z.object({
  CONTROL_PLANE_SUPABASE_URL: baseUrl.optional(),
  CONTROL_PLANE_SUPABASE_SECRET_KEY: secretKey.optional(),
});

const forge = github
  .extend(controlPlane.shape)
  .extend({ GITHUB_REPOSITORY: repository, PROVISIONER_TIME_SCALE: timeScale });

const vendors = surroundings
  .extend(github.shape)
  .extend(controlPlane.shape)
  .extend({
    SUPABASE_ACCESS_TOKEN: credential(8),
    SUPABASE_API_URL: apiUrl('https://api.supabase.com'),
    SUPABASE_PROJECT_URL: urlTemplate('{ref}', 'https://{ref}.supabase.co'),
    VERCEL_TOKEN: credential(8),
    VERCEL_API_URL: apiUrl('https://api.vercel.com'),
    INSTANCE_URL: urlTemplate('{host}', 'https://{host}'),
    RESEND_API_KEY: credential(8),
    RESEND_BASE_URL: apiUrl('https://api.resend.com'),
    PROVISIONER_SECRET: credential(32),
    PROVISIONER_SECRET_PREVIOUS: credential(32).optional(),
    PROVISIONER_TIME_SCALE: timeScale,
  });

/** For validate, status, explain and new. Nothing is needed; throws BlockedError for what is there and malformed. */
export function readSurroundings(variables: Variables): Surroundings {
  return placeOf(check(surroundings, variables));
}

/** For plan and apply. Throws one BlockedError that names every missing or malformed variable and where to get it. */
export function readEnvironment(variables: Variables): Environment {
  const secrets = maskAgencySecrets(variables);
  const read = check(vendors, variables);
  return {
    ...placeOf(read),
    supabase: {
      token: read.SUPABASE_ACCESS_TOKEN,
      apiUrl: read.SUPABASE_API_URL,
      projectUrl: read.SUPABASE_PROJECT_URL,
    },
    vercel: { token: read.VERCEL_TOKEN, apiUrl: read.VERCEL_API_URL },
    instanceUrl: read.INSTANCE_URL,
    resend: { apiKey: read.RESEND_API_KEY, baseUrl: read.RESEND_BASE_URL },
    github: githubOf(read),
    ...controlPlaneOf(read),
    provisionerSecret: read.PROVISIONER_SECRET,
    ...(read.PROVISIONER_SECRET_PREVIOUS && { previousSecret: read.PROVISIONER_SECRET_PREVIOUS }),
    timeScale: read.PROVISIONER_TIME_SCALE,
    agencySecret: (name) => secrets.get(name)?.(),
  };
}

/** For what speaks to the control room's repository. Throws BlockedError when nothing signs in to it. */
export function readForgeEnvironment(variables: Variables): ForgeEnvironment {
  const read = check(forge, variables);
  const access = githubOf(read);
  if (!access.token && !access.app) {
    throw new BlockedError(
      'nothing signs in to GitHub: GITHUB_TOKEN is not set',
      `GITHUB_TOKEN: ${ABOUT.GITHUB_TOKEN?.purpose}. ${ABOUT.GITHUB_TOKEN?.where}`,
    );
  }
  return {
    repository: read.GITHUB_REPOSITORY,
    github: access,
    ...controlPlaneOf(read),
    timeScale: read.PROVISIONER_TIME_SCALE,
  };
}

/** Half an App would sign in as somebody else than was meant. */
function githubOf(read: z.output<typeof github>): GitHubEnvironment {
  const { PROVISIONER_APP_CLIENT_ID: clientId, PROVISIONER_APP_PRIVATE_KEY: key } = read;
  if ((clientId === undefined) !== (key === undefined)) {
    const missing = key ? 'PROVISIONER_APP_CLIENT_ID' : 'PROVISIONER_APP_PRIVATE_KEY';
    throw new BlockedError(`${missing} is not set, and the other half of the App is`, `${ABOUT[missing]?.where}`);
  }
  return {
    ...(read.GITHUB_TOKEN && { token: read.GITHUB_TOKEN }),
    ...(clientId !== undefined && key && { app: { clientId, privateKey: key } }),
    apiUrl: read.GITHUB_API_URL,
    serverUrl: read.GITHUB_SERVER_URL,
  };
}

/** Half of it is a slip, and requests would wait for ever without anybody knowing why. */
function controlPlaneOf(read: z.output<typeof controlPlane>): { readonly controlPlane?: ControlPlaneEnvironment } {
  const { CONTROL_PLANE_SUPABASE_URL: url, CONTROL_PLANE_SUPABASE_SECRET_KEY: key } = read;
  if (url !== undefined && key) return { controlPlane: { url, secretKey: key } };
  if (url === undefined && !key) return {};
  const missing = key ? 'CONTROL_PLANE_SUPABASE_URL' : 'CONTROL_PLANE_SUPABASE_SECRET_KEY';
  throw new BlockedError(
    `${missing} is not set, and the other half of the company’s database is`,
    `${missing}: ${ABOUT[missing]?.purpose}. ${ABOUT[missing]?.where}`,
  );
}

function placeOf(read: z.output<typeof surroundings>): Surroundings {
  return {
    ...(read.GITHUB_REPOSITORY !== undefined && { repository: read.GITHUB_REPOSITORY }),
    ...(read.SUPABASE_ORG_ID !== undefined && { organization: read.SUPABASE_ORG_ID }),
    ...(read.VERCEL_TEAM_ID !== undefined && { team: read.VERCEL_TEAM_ID }),
  };
}

/** GitHub hands a secret that does not exist as an empty string: that is as good as unset. */
function check<T>(schema: z.ZodType<T>, variables: Variables): T {
  const result = schema.safeParse(Object.fromEntries(Object.entries(variables).filter(([, value]) => value)));
  if (result.success) return result.data;
  const problems = new Map(result.error.issues.map(({ path, message }) => [String(path[0]), message]));
  const listed = [...problems].map(([name, message]) => `${name} ${message}`).join('; ');
  const remedies = [...problems.keys()].map((name) => `${name}: ${ABOUT[name]?.purpose}. ${ABOUT[name]?.where}`);
  throw new BlockedError(
    `the environment is not complete: ${listed}`,
    `${remedies.join('\n')}\nTo try it without any account, run: npm run demo`,
  );
}

/** All become secrets at once, used or not; only who asks for one that is too short to be masked is refused. */
function maskAgencySecrets(variables: Variables): ReadonlyMap<string, () => Secret> {
  const entries = Object.entries(variables).flatMap(([name, value]): [string, () => Secret][] => {
    if (!name.startsWith('AGENCY_') || !value) return [];
    if (value.length < 6) return [[name, () => tooShort(name)]];
    const secret = new Secret(value);
    return [[name, () => secret]];
  });
  return new Map(entries);
}

function tooShort(name: string): never {
  throw new BlockedError(
    `the secret ${name} has fewer than 6 characters, so no log could mask it`,
    `Give ${name} a longer value, or write the value into env as plain text if it is no secret.`,
  );
}

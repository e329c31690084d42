import { isSqlError } from '../sql-error.ts';
import { changeOwnUser, ownUser, refresh, signIn, signOut, signUp } from './account.ts';
import { changeUser, createUser, deleteUser, getUser, listUsers } from './admin.ts';
import type { AuthContext, Call } from './context.ts';
import { AuthError, errorResponse, unexpected } from './errors.ts';
import { generateLink } from './links.ts';
import { verify, verifyLink } from './verify.ts';

/** What the vendor answers when the database refuses something it has no words for. */
const noWords = 'Unexpected failure, please check server logs for more information';

type Handler = (context: AuthContext, call: Call, id: string) => Promise<Response>;

const open: Record<string, Handler> = {
  'GET /health': async () =>
    Response.json({
      version: 'v2.189.0',
      name: 'GoTrue',
      description: 'GoTrue is a user registration and authentication API',
    }),
  'GET /settings': async (context) => Response.json(settings(context)),
  'POST /signup': signUp,
  'POST /token': grant,
  'GET /user': ownUser,
  'PUT /user': changeOwnUser,
  'POST /logout': signOut,
  'POST /verify': verify,
  'GET /verify': verifyLink,
};
const forAdmins: Record<string, Handler> = {
  'GET /admin/users': listUsers,
  'POST /admin/users': createUser,
  'GET /admin/users/{id}': (context, _call, id) => getUser(context, id),
  'PUT /admin/users/{id}': changeUser,
  'DELETE /admin/users/{id}': deleteUser,
  'POST /admin/generate_link': generateLink,
};

/** Answers below `/auth/v1` as the vendor's auth server does; a route it has and we lack is 501. */
export async function authService(context: AuthContext, call: Call): Promise<Response> {
  try {
    return await route(context, call);
  } catch (error) {
    if (error instanceof AuthError) return errorResponse(error, call.request);
    if (isSqlError(error)) return errorResponse(unexpected(noWords), call.request);
    throw error;
  }
}

async function route(context: AuthContext, call: Call): Promise<Response> {
  const path = call.url.pathname.slice('/auth/v1'.length);
  const [, id = ''] = path.match(/^\/admin\/users\/([^/]+)$/) ?? [];
  const name = `${call.request.method} ${id === '' ? path : '/admin/users/{id}'}`;
  const admin = forAdmins[name];
  if (admin !== undefined) requireAdmin(call);
  const handler = admin ?? open[name];
  if (handler === undefined) return Response.json({ msg: `${name} is not emulated` }, { status: 501 });
  return handler(context, call, id);
}

function requireAdmin({ caller }: Call): void {
  if (caller.kind === 'bad-token') {
    throw new AuthError(403, 'bad_jwt', 'invalid JWT: unable to parse or verify signature');
  }
  if (caller.claims.role !== 'service_role') throw new AuthError(403, 'not_admin', 'User not allowed');
}

async function grant(context: AuthContext, call: Call): Promise<Response> {
  const type = call.url.searchParams.get('grant_type');
  if (type === 'password') return signIn(context, call);
  if (type === 'refresh_token') return refresh(context, call);
  return Response.json({ error: 'unsupported_grant_type', error_description: '' }, { status: 400 });
}

function settings(context: AuthContext): Record<string, unknown> {
  const { disable_signup, mailer_autoconfirm, external_email_enabled: email = true } = context.auth();
  return {
    external: { email, phone: false, anonymous_users: false },
    disable_signup,
    mailer_autoconfirm: mailer_autoconfirm ?? false,
    phone_autoconfirm: false,
    sms_provider: '',
    saml_enabled: false,
  };
}

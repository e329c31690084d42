// The two routes that the company's approval page needs, for any server that speaks Request and Response.
// They are run by tests/control-plane/approval-routes.test.ts; docs/control-plane.md says how to set them up.
import { createClient } from '@supabase/supabase-js';

/** The company's own Supabase project and the control room. All but the publishable key stays on the server. */
export interface Company {
  readonly supabaseUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** `owner/name` of the control room. */
  readonly controlRoom: string;
  /** Fine-grained, for that repository alone, with Contents: write. */
  readonly githubToken: string;
  /** `https://api.github.com`, unless GitHub is hosted elsewhere. */
  readonly githubApiUrl: string;
}

const SHOWN =
  'id, agency_name, status, pull_request_url, instance_url, error_message, provisioning_started_at, provisioning_completed_at, jobs:provisioning_jobs(status, current_step, error_message, started_at, completed_at)';

/** `GET /onboarding/:id`: the row and its jobs, as far as whoever is signed in may read them. Poll it. */
export async function status(request: Request, id: string, company: Company): Promise<Response> {
  const { row, refusal } = await readAsCaller(request, id, company);
  return refusal ?? Response.json(row);
}

/** `POST /onboarding/:id/approve`: who may not read it may not approve it. */
export async function approve(request: Request, id: string, company: Company): Promise<Response> {
  const { refusal } = await readAsCaller(request, id, company);
  if (refusal) return refusal;
  const { data, error } = await createClient(company.supabaseUrl, company.secretKey)
    .from('agency_onboarding_requests')
    .update({ status: 'approved', error_message: null })
    .eq('id', id)
    // Once more sends a dispatch that was lost again. Where requests begin with a word of your own, add it.
    .in('status', ['pending', 'approved', 'failed'])
    .select('id');
  if (error) return answer(502, 'it could not be approved');
  if (data.length === 0) return answer(409, 'only a request that is pending or failed can be approved');
  // The row is what counts: a dispatch that is lost is made up for by the sweep of approved rows.
  const dispatched = await dispatch(id, company).catch(() => false);
  return Response.json({ approved: true, dispatched }, { status: 202 });
}

/** PostgreSQL's codes for a text that is no id at all: no uuid, or no number. */
const NO_ID = ['22P02', '22003'];
/** PostgREST's codes for a token that is of no use (any more). */
const EXPIRED = /^PGRST30/;

type Seen = { row: unknown; refusal?: never } | { row?: never; refusal: Response };

async function readAsCaller(request: Request, id: string, { supabaseUrl, publishableKey }: Company): Promise<Seen> {
  const authorization = request.headers.get('authorization');
  if (!authorization) return { refusal: answer(404, 'not found') };
  const client = createClient(supabaseUrl, publishableKey, { global: { headers: { Authorization: authorization } } });
  const { data, error } = await client.from('agency_onboarding_requests').select(SHOWN).eq('id', id).maybeSingle();
  if (error && EXPIRED.test(error.code)) return { refusal: answer(401, 'sign in again') };
  if (error && !NO_ID.includes(error.code)) return { refusal: answer(502, 'it could not be read') };
  return data ? { row: data } : { refusal: answer(404, 'not found') };
}

function answer(status: number, message: string): Response {
  return Response.json({ message }, { status });
}

async function dispatch(id: string, { controlRoom, githubToken, githubApiUrl }: Company): Promise<boolean> {
  const response = await fetch(`${githubApiUrl}/repos/${controlRoom}/dispatches`, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${githubToken}` },
    body: JSON.stringify({ event_type: 'agency-approved', client_payload: { request_id: id } }),
  });
  return response.ok;
}

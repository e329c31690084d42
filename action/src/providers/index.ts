import { type ErasedKind, erase, type Kinds } from '../engine/kind.ts';
import { acceptance } from './acceptance.ts';
import { closure } from './closure.ts';
import type { Clients } from './connect.ts';
import { resendWelcome } from './resend/welcome.ts';
import { authConfig } from './supabase/auth.ts';
import { supabaseKeys } from './supabase/keys.ts';
import { supabaseMigrations } from './supabase/migrations.ts';
import { supabaseOwner } from './supabase/owner.ts';
import { supabaseProject } from './supabase/project.ts';
import { projectApi } from './supabase/project-api.ts';
import { vercelDeployment } from './vercel/deployment.ts';
import { vercelEnv } from './vercel/env.ts';
import { vercelProject } from './vercel/project.ts';

/** Every kind of thing an agency can consist of: a new one is a file of its own and a line here. */
export function createKinds(clients: Clients): Kinds {
  const { supabase, instances, vercel, resend, policy, organization, projectUrl, instanceUrl } = clients;
  const kinds: ErasedKind[] = [
    erase(supabaseProject(projectApi(supabase), projectUrl, organization)),
    erase(supabaseKeys(supabase)),
    erase(authConfig(supabase, 'supabase.auth')),
    erase(authConfig(supabase, 'supabase.site')),
    erase(supabaseMigrations(supabase)),
    erase(supabaseOwner(instances)),
    erase(vercelProject(vercel)),
    erase(vercelEnv(vercel)),
    erase(vercelDeployment(vercel, instanceUrl)),
    erase(acceptance({ instances, management: supabase, policy })),
    erase(closure(policy)),
    erase(resendWelcome(resend, instances)),
  ];
  return new Map(kinds.map((kind) => [kind.name, kind]));
}

import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { ControlPlaneEnvironment } from '../environment.ts';
import type { HttpPolicy } from '../providers/http.ts';

/** The company's database, where it has one; its client is loaded only then. */
export async function controlPlaneOf(
  { controlPlane }: { readonly controlPlane?: ControlPlaneEnvironment },
  policy: HttpPolicy,
): Promise<ControlPlane | undefined> {
  if (!controlPlane) return undefined;
  const { supabaseControlPlane } = await import('../control-plane/supabase.ts');
  return supabaseControlPlane(controlPlane, policy);
}

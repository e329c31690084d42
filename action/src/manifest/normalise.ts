import type { AgencyManifest } from './schema.ts';

/**
 * One spelling for what people write in several: Supabase Auth keeps addresses in small letters, and blanks around a
 * name mean nothing. The file itself stays as it was written.
 */
export function normaliseAgency(manifest: AgencyManifest): AgencyManifest {
  const { spec } = manifest;
  const owner = { email: spec.owner.email.toLowerCase(), name: spec.owner.name.trim() };
  return { ...manifest, spec: { ...spec, displayName: spec.displayName.trim(), owner } };
}

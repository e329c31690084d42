import type { AuthSettings } from '../instance.ts';

/**
 * Where a mail link may lead: the wish if it is on the site or matches the allow list, else the site. The vendor
 * replaces silently. https://supabase.com/docs/guides/auth/redirect-urls
 */
export function allowedRedirect(settings: AuthSettings, wish: string | undefined): string {
  if (!wish || !URL.canParse(wish)) return settings.site_url;
  if (URL.canParse(settings.site_url) && new URL(wish).host === new URL(settings.site_url).host) return wish;
  const patterns = settings.uri_allow_list.split(',').map((pattern) => pattern.trim());
  const bare = wish.split('#', 1)[0] ?? wish;
  return patterns.some((pattern) => pattern !== '' && matches(pattern, bare)) ? wish : settings.site_url;
}

/** `*` stands for anything but `.` and `/`, `**` for anything, `?` for one such character. */
function matches(pattern: string, uri: string): boolean {
  const source = pattern.replaceAll(/\*\*|[*?]|[^*?]+/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^./]*';
    return part === '?' ? '[^./]' : part.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${source}$`).test(uri);
}

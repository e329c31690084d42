/**
 * supabase-js prints a notice on Node 20, which is supported here until its own end of life; on a terminal it would
 * stand in the middle of what moves. Everything else that is warned of stays.
 */
export function silenceNodeNotice(): void {
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('supported in future versions of @supabase/supabase-js')) warn(...words);
  };
}

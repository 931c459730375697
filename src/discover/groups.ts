const PART = /^(?:migrations?|migrate|prisma|supabase|drizzle|db|database|sql|schemas?|versions|meta|src|deploy|up)$/i;

/** The folder that a database's migrations and models have in common: theirs, without the parts named by tools. */
export function groupOf(dir: string): string {
  const parts = dir.split('/');
  const last = parts.findLastIndex((part) => !PART.test(part) && part !== '.');
  return parts.slice(0, last + 1).join('/') || '.';
}

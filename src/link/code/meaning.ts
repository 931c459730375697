const meanings = new WeakMap<object, number>();

/** What a part of an expression says, wherever it stands, as a number. Conditions are made of others, so that each part is looked at once. */
export function meaningOf(part: unknown): number {
  if (typeof part === 'string') return ofText(part);
  if (typeof part !== 'object' || part === null) return ofText(`${typeof part} ${String(part)}`);
  if (Array.isArray(part)) return part.reduce<number>((meaning, each) => mixed(meaning, meaningOf(each)), 1);
  if (!isCompound(part)) return ofObject(part);
  let known = meanings.get(part);
  if (known === undefined) meanings.set(part, known = ofObject(part));
  return known;
}

/** Parts that conditions share: queries, and what is put together of several conditions. What stands between two of them is little. */
export function isCompound(part: object): boolean {
  switch ((part as { readonly kind?: unknown }).kind) {
    case 'subquery': case 'select': case 'and': case 'or': case 'values': case 'set': case 'insert': case 'update': case 'delete': return true;
    default: return false;
  }
}

function ofObject(part: object): number {
  let meaning = 2;
  for (const key in part) {
    const value = (part as Record<string, unknown>)[key];
    if (key !== 'location' && value !== undefined) meaning = mixed(mixed(meaning, ofText(key)), meaningOf(value));
  }
  return meaning;
}

/** What a text says, as a number. */
export function ofText(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  return whole(a, b);
}

/** What was said before, and what is said behind it, as one number. */
export function mixed(before: number, next: number): number {
  const [low, high] = [next | 0, (next / 0x100000000) | 0];
  const [a, b] = [Math.imul((before | 0) ^ low, 2654435761), Math.imul(((before / 0x100000000) | 0) ^ high, 1597334677)];
  return whole(Math.imul(a ^ (a >>> 15) ^ b, 2246822507), Math.imul(b ^ (b >>> 13) ^ a, 3266489909));
}

/** Fifty-three bits: as many as a number holds exactly. */
function whole(a: number, b: number): number {
  return (a >>> 0) + (b >>> 11) * 0x100000000;
}

/** The 1-based line of an offset. */
export function positionIn(lineStarts: readonly number[], offset: number): number {
  const after = lineStarts.findIndex((start) => start > offset);
  return after < 0 ? lineStarts.length : after;
}

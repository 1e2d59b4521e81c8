/** Three digits, in the unit that suits them. */
export function shownMs(ms: number | null): string {
  if (ms === null) return 'failed';
  return ms >= 1_000 ? `${Number((ms / 1_000).toPrecision(3))}s` : `${Number(ms.toPrecision(3))}ms`;
}

/** A time from `fromMs` up to `toMs`, which is outside of it. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Returns the time that two spans share; null where it is none. */
export function cutSpan(a: Span, b: Span): Span | null {
  const [fromMs, toMs] = [Math.max(a.fromMs, b.fromMs), Math.min(a.toMs, b.toMs)];
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/** Returns the parts of `whole` that none of `taken` covers, in order. */
export function spansWithout(whole: Span, taken: readonly Span[]): readonly Span[] {
  const left: Span[] = [];
  let at = whole.fromMs;
  for (const each of [...taken].sort((a, b) => a.fromMs - b.fromMs)) {
    if (each.toMs <= at) continue;
    if (each.fromMs >= whole.toMs) break;
    if (each.fromMs > at) left.push({ fromMs: at, toMs: each.fromMs });
    at = Math.max(at, each.toMs);
  }
  if (at < whole.toMs) left.push({ fromMs: at, toMs: whole.toMs });
  return left;
}

export const lengthOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);

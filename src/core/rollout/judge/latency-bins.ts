/**
 * Bins of latency that every gateway and the judge share: 16 to each doubling, so that a value is known to 4.4 %.
 * Bin 0 is all below 0.1 ms; bin b holds [0.1 * 2^((b-1)/16), 0.1 * 2^(b/16)) milliseconds; the last one all above.
 */
export const latencyBins = { firstMs: 0.1, perDoubling: 16, count: 400 } as const;

/** @param latencyMs milliseconds, at least 0. */
export function latencyBinOf(latencyMs: number): number {
  if (!(latencyMs >= latencyBins.firstMs)) return 0;
  const bin = 1 + Math.floor(Math.log2(latencyMs / latencyBins.firstMs) * latencyBins.perDoubling);
  return Math.min(bin, latencyBins.count - 1);
}

/** The upper edge in milliseconds; infinite for the last bin. */
export function latencyBinUpperMs(bin: number): number {
  if (bin >= latencyBins.count - 1) return Infinity;
  return latencyBins.firstMs * 2 ** (Math.max(0, bin) / latencyBins.perDoubling);
}

/**
 * Latencies in bins of equal ratio, 64 to a doubling from a microsecond on, so that a quantile is known to 0.6% whatever their
 * number; bounded memory. Bin 0 is all below a microsecond, the last one all from about 34 years on.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(binCount);
  count = 0;

  record(latencyMs: number): void {
    const bin = latencyMs < firstMs ? 0 : 1 + Math.floor(Math.log2(latencyMs / firstMs) * perDoubling);
    this.#counts[Math.min(bin, binCount - 1)] = (this.#counts[Math.min(bin, binCount - 1)] as number) + 1;
    this.count += 1;
  }

  /** The least latency that at least `share` of them keep, milliseconds: the middle of its bin. NaN without any. */
  quantileMs(share: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(share * this.count - 1e-9));
    let below = 0;
    for (let bin = 0; bin < binCount; bin += 1) {
      below += this.#counts[bin] as number;
      if (below >= rank) return bin === 0 ? 0 : firstMs * 2 ** ((bin - 0.5) / perDoubling);
    }
    return Infinity;
  }
}

const firstMs = 0.001;
const perDoubling = 64;
const binCount = 50 * perDoubling;

/** Correlation of values that are `lag` apart; 0 of a constant. */
export function correlationOf(values: readonly number[], lag = 1): number {
  const mean = meanOf(values);
  let [products, squares] = [0, 0];
  for (const [index, value] of values.entries()) {
    squares += (value - mean) ** 2;
    if (index >= lag) products += (value - mean) * ((values[index - lag] ?? 0) - mean);
  }
  return squares === 0 ? 0 : Math.min(0.999, Math.max(-0.999, products / squares));
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Parts of a search for the forecast: values of the correlation, and of what is taken back. */
const smoothings: readonly number[] = [0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.88, 0.94];

/**
 * The forecast of order (1, 1) with the least mean squared error. The correlation of a short history is too low on average;
 * (1 + 3 rho) / n is added (Kendall, 1954).
 */
export function fitForecast(values: readonly number[]): { readonly correlation: number; readonly smoothing: number } {
  const first = correlationOf(values, 1);
  const raised = (rho: number): number => Math.min(0.999, Math.max(-0.999, rho + (1 + 3 * rho) / values.length));
  // What chance does alone. Of values that repeat, the errors repeat too where nothing is forecast.
  if (Math.abs(first) < 2 / Math.sqrt(values.length)) return { correlation: 0, smoothing: 0 };
  let best = { correlation: raised(first), smoothing: 0 };
  if (first < 0.1 || values.length < 100) return best;
  const ratio = Math.min(0.995, Math.max(first, correlationOf(values, 2) / first));
  // A second parameter has to pay for itself.
  let least = meanSquare(errorsOf(values, best.correlation, 0)) * (1 - 4 / values.length);
  for (const correlation of [ratio, (1 + ratio) / 2, (first + ratio) / 2]) {
    for (const smoothing of smoothings) {
      const square = meanSquare(errorsOf(values, raised(correlation), smoothing));
      if (smoothing < correlation && square < least)
        [least, best] = [square, { correlation: raised(correlation), smoothing }];
    }
  }
  return best;
}

export function errorsOf(values: readonly number[], correlation: number, smoothing: number): number[] {
  let before = 0;
  return values.slice(1).map((value, index) => {
    before = value - correlation * (values[index] ?? 0) + smoothing * before;
    return before;
  });
}

const meanSquare = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length);

/** Values beyond the 1% at either end by more than their distance count as that far: one wrong reading hides no dependence. */
export function clip(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [0.01, 0.99].map((share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0) as [
    number,
    number,
  ];
  if (low === high) return values;
  return values.map((value) => Math.min(2 * high - low, Math.max(2 * low - high, value)));
}

/** Weights of the newest error in the spread that are tried. */
const memories: readonly number[] = [0.03, 0.06, 0.12, 0.25];
/** No error counts as more sizes than this: one wrong reading hides no other. */
const mostSizes = 6;

/** The spread after one more error; it is used, and kept, as a number of sizes. */
export function nextSpread(spread: number, error: number, size: number, memory: number): number {
  if (memory === 0 || size === 0) return 1;
  return spread + memory * (Math.min(mostSizes, Math.abs(error) / size) - spread);
}

/** What each error is divided by: the mean size of those before it, where that is above the usual. */
export function spreadsOf(errors: readonly number[], size: number, memory: number): readonly number[] {
  let spread = 1;
  return errors.map((error) => {
    const before = Math.max(1, spread);
    spread = nextSpread(spread, error, size, memory);
    return before;
  });
}

/**
 * The memory under which errors are the likeliest, of a Laplace distribution with the size that was forecast; 0 for none.
 * Large errors that come together are no tail of a distribution.
 */
export function fitMemory(errors: readonly number[], size: number): number {
  if (size === 0 || errors.length < 100) return 0;
  const costOf = (memory: number): number => {
    const spreads = spreadsOf(errors, size, memory);
    const divided = errors.map((error, index) => Math.abs(error) / (spreads[index] ?? 1));
    return meanOf(spreads.map(Math.log)) + Math.log(meanOf(divided));
  };
  let [best, least] = [0, costOf(0)];
  for (const memory of memories) {
    const cost = costOf(memory);
    if (cost < least) [least, best] = [cost, memory];
  }
  return best;
}

import { seededRandom, type Random } from '../../src/core/statistics/random.ts';

/** What takes how long in a simulated replica. Times in milliseconds. */
export interface SimulatedService {
  /** Slots: requests that run at once, each for its own work. Batch: as many as wait, together. */
  readonly shape:
    | { readonly kind: 'slots'; readonly slots: number }
    | { readonly kind: 'batch'; readonly batchMs: readonly number[] };
  readonly work: WorkKind;
  /** Mean work of a request (slots); of a batch it is in `batchMs`. */
  readonly meanWorkMs: number;
  /** Lognormal noise on all times, the same for requests at one moment, that is forgotten after `noiseMs`. */
  readonly noiseSigma: number;
  readonly noiseMs: number;
  /** Speed by time since the horizons began that limits rest on, and since the present run began; 1 is full speed. */
  readonly speedAt: (ms: number, ofRunMs: number) => number;
}

export type WorkKind = 'fixed' | 'exponential' | 'lognormal' | 'pareto' | 'bimodal';

/** A factor of mean 1. Lognormal with sigma 1.2; Pareto with index 1.8, whose variance is infinite; bimodal 10% of 6.4 times the rest. */
export function drawWork(kind: WorkKind, random: Random): number {
  switch (kind) {
    case 'fixed':
      return 1;
    case 'exponential':
      return -Math.log(1 - random.nextShare());
    case 'lognormal':
      return Math.exp(1.2 * gaussian(random) - 0.72);
    case 'pareto':
      return (0.8 / 1.8) * (1 - random.nextShare()) ** (-1 / 1.8);
    case 'bimodal':
      return (random.nextShare() < 0.1 ? 6.4 : 1) / 1.54;
  }
}

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
}

/** One replica over time: it remembers how late it is in the measurement, and its noise. */
export class SimulatedReplica {
  readonly #service: SimulatedService;
  readonly #random: Random;
  #noise: number;
  #noiseAtMs = 0;
  #horizonsFromMs: number | null = null;
  nowMs = 0;

  constructor(service: SimulatedService, seed: number) {
    this.#service = service;
    this.#random = seededRandom(seed);
    this.#noise = service.noiseSigma * gaussian(this.#random);
  }

  /** Forgets its noise, as after a long time. */
  rest(): void {
    this.#noise = this.#service.noiseSigma * gaussian(this.#random);
    this.#noiseAtMs = this.nowMs;
  }

  /** From here on, unless it was told before: horizons begin that a limit rests on. */
  beginHorizons(): void {
    this.#horizonsFromMs ??= this.nowMs;
  }

  /** Since then; 0 before. */
  get horizonsMs(): number {
    return Math.max(0, this.nowMs - (this.#horizonsFromMs ?? this.nowMs));
  }

  /** How many times longer everything takes at a moment. Moments are asked for in order, but for rounding. */
  #slowness(atMs: number, fromMs: number): number {
    const { noiseSigma, noiseMs, speedAt } = this.#service;
    if (noiseSigma > 0 && atMs > this.#noiseAtMs) {
      const kept = Math.exp((this.#noiseAtMs - atMs) / noiseMs);
      this.#noise = kept * this.#noise + Math.sqrt(1 - kept * kept) * noiseSigma * gaussian(this.#random);
      this.#noiseAtMs = atMs;
    }
    return (
      Math.exp(this.#noise - noiseSigma ** 2 / 2) /
      speedAt(Math.max(0, atMs - (this.#horizonsFromMs ?? atMs)), atMs - fromMs)
    );
  }

  /** Times of a Poisson stream since each request was due; the replica begins with nothing under way. */
  open(perSecond: number, durationMs: number): { readonly dueMs: Float64Array; readonly timesMs: Float64Array } {
    const due: number[] = [];
    for (let atMs = 0; ;) {
      atMs -= (1_000 * Math.log(1 - this.#random.nextShare())) / perSecond;
      if (atMs > durationMs) break;
      due.push(atMs);
    }
    const dueMs = Float64Array.from(due);
    const timesMs = new Float64Array(dueMs.length);
    const { shape } = this.#service;
    if (shape.kind === 'slots') this.#runSlots(shape.slots, dueMs, timesMs);
    else this.#runBatches(shape.batchMs, dueMs, timesMs);
    let endMs = durationMs;
    for (let at = 0; at < dueMs.length; at += 1) endMs = Math.max(endMs, (dueMs[at] ?? 0) + (timesMs[at] ?? 0));
    this.nowMs += endMs;
    return { dueMs, timesMs };
  }

  #runSlots(slots: number, dueMs: Float64Array, timesMs: Float64Array): void {
    const free = new Float64Array(slots);
    const { work, meanWorkMs } = this.#service;
    for (let at = 0; at < dueMs.length; at += 1) {
      const first = indexOfLeast(free);
      const beginMs = Math.max(dueMs[at] ?? 0, free[first] ?? 0);
      const slowness = this.#slowness(this.nowMs + beginMs, this.nowMs);
      const endMs = beginMs + meanWorkMs * drawWork(work, this.#random) * slowness;
      free[first] = endMs;
      timesMs[at] = endMs - (dueMs[at] ?? 0);
    }
  }

  #runBatches(batchMs: readonly number[], dueMs: Float64Array, timesMs: Float64Array): void {
    let freeMs = 0;
    for (let first = 0; first < dueMs.length;) {
      const beginMs = Math.max(freeMs, dueMs[first] ?? 0);
      let end = first;
      let work = 0;
      while (end < dueMs.length && end - first < batchMs.length && (dueMs[end] ?? Infinity) <= beginMs) {
        work += drawWork(this.#service.work, this.#random);
        end += 1;
      }
      const slowness = this.#slowness(this.nowMs + beginMs, this.nowMs);
      freeMs = beginMs + ((batchMs[end - first - 1] ?? NaN) * work * slowness) / (end - first);
      for (let at = first; at < end; at += 1) timesMs[at] = freeMs - (dueMs[at] ?? 0);
      first = end;
    }
  }

  /** Ends of so many answers with so many requests under way all the time, and the time of each. */
  closed(
    concurrency: number,
    answers: number,
    random: Random,
  ): { readonly endsMs: Float64Array; readonly timesMs: Float64Array } {
    const endsMs = new Float64Array(answers);
    const timesMs = new Float64Array(answers);
    const { shape, work, meanWorkMs } = this.#service;
    if (shape.kind === 'slots') {
      // Whoever is answered asks again at once, and waits for the slot that is free first.
      const free = new Float64Array(Math.min(shape.slots, concurrency));
      const asked = new Float64Array(concurrency);
      for (let at = 0; at < answers; at += 1) {
        const slot = indexOfLeast(free);
        const beginMs = free[slot] ?? 0;
        const slowness = this.#slowness(this.nowMs + beginMs, this.nowMs);
        const endMs = beginMs + meanWorkMs * drawWork(work, random) * slowness;
        free[slot] = endMs;
        endsMs[at] = endMs;
        timesMs[at] = endMs - (asked[at % concurrency] ?? 0);
        asked[at % concurrency] = endMs;
      }
      endsMs.sort();
    } else {
      const rows = Math.min(concurrency, shape.batchMs.length);
      const rounds = Math.max(1, Math.ceil(concurrency / rows));
      let freeMs = 0;
      for (let at = 0; at < answers;) {
        let sum = 0;
        const end = Math.min(answers, at + rows);
        for (let row = at; row < end; row += 1) sum += drawWork(work, random);
        const tookMs =
          (shape.batchMs[rows - 1] ?? NaN) * (sum / (end - at)) * this.#slowness(this.nowMs + freeMs, this.nowMs);
        freeMs += tookMs;
        for (; at < end; at += 1) {
          endsMs[at] = freeMs;
          timesMs[at] = tookMs * rounds;
        }
      }
    }
    this.nowMs += endsMs[answers - 1] ?? 0;
    return { endsMs, timesMs };
  }
}

function indexOfLeast(values: Float64Array): number {
  let least = 0;
  for (let at = 1; at < values.length; at += 1) if ((values[at] ?? 0) < (values[least] ?? 0)) least = at;
  return least;
}

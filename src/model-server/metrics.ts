import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { phaseLabel } from '../core/coldstart/start-account.ts';
import type { MeasuredPhase } from '../core/rollout/replica.ts';
import type { BatchObserver } from './batching/batcher.ts';
import { metricNames } from './metric-names.ts';
import { RequestTimes } from './request-times.ts';
import type { ServedModel } from './served-model.ts';

/** What became of an inference request. */
export type Outcome = 'ok' | 'bad-request' | 'rejected' | 'deadline' | 'failed' | 'abandoned';

const ofModel = ['model', 'version'] as const;
const secondsBuckets = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

/** Totals of one model version; plain numbers on the hot path, read by the registry when somebody scrapes. */
interface ModelTotals {
  batches: number;
  rows: number;
  lastRows: number;
}

export class ModelServerMetrics {
  readonly registry = new Registry();
  inFlight = 0;
  ready = false;
  /** Where the time of answered requests went. */
  readonly times = new RequestTimes();
  readonly #requests = new Map<Outcome, number>();
  readonly #totals = new Map<string, ModelTotals>();
  readonly #served: () => readonly ServedModel[];
  readonly #batchSize: Histogram;
  readonly #compute: Histogram;
  readonly #queueWait: Histogram;
  readonly #phases: Gauge;

  constructor(served: () => readonly ServedModel[]) {
    this.#served = served;
    const registers = [this.registry];
    const labelNames = [...ofModel];
    this.#batchSize = new Histogram({
      name: metricNames.batchSize,
      help: 'Rows of each batch that ran',
      labelNames,
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
      registers,
    });
    this.#compute = new Histogram({
      name: metricNames.compute,
      help: 'Time that the runtime took for each batch',
      labelNames,
      buckets: secondsBuckets,
      registers,
    });
    this.#queueWait = new Histogram({
      name: metricNames.queueWait,
      help: 'Time from a request having been read to the start of its batch',
      labelNames,
      buckets: secondsBuckets,
      registers,
    });
    this.#phases = new Gauge({
      name: metricNames.phaseDuration,
      help: 'Duration of each phase of the start; phases that cannot be told apart are one label',
      labelNames: ['phases'],
      registers,
    });
    this.#addScraped();
  }

  observerOf(name: string, version: string): BatchObserver {
    const totals: ModelTotals = { batches: 0, rows: 0, lastRows: 0 };
    this.#totals.set(keyOf(name, version), totals);
    const [size, compute, wait] = [this.#batchSize, this.#compute, this.#queueWait].map((histogram) =>
      histogram.labels(name, version),
    );
    return {
      batchRan: (rows, computeMs) => {
        totals.batches += 1;
        this.times.engineMs += computeMs;
        totals.rows += rows;
        totals.lastRows = rows;
        size?.observe(rows);
        compute?.observe(computeMs / 1000);
      },
      waited: (durationMs) => wait?.observe(durationMs / 1000),
    };
  }

  requestEnded(outcome: Outcome): void {
    this.#requests.set(outcome, (this.#requests.get(outcome) ?? 0) + 1);
  }

  phase(phase: MeasuredPhase): void {
    this.#phases.set({ phases: phaseLabel(phase.phases) }, phase.durationMs / 1000);
  }

  #addScraped(): void {
    this.#gauge(metricNames.inFlight, 'Inference requests being read, waiting or running', () => this.inFlight);
    this.#gauge(metricNames.ready, '1 while the server is ready', () => (this.ready ? 1 : 0));
    this.#gauge(metricNames.residentMemory, 'Resident memory of the process', () => process.memoryUsage.rss());
    this.#ofModels(metricNames.queueDepth, 'Requests that wait for the engine', ({ batcher }) => batcher.queueDepth);
    this.#ofModels(
      metricNames.batchLimit,
      'Rows of the largest batch that is formed',
      ({ batcher }) => batcher.maxRows,
    );
    this.#ofModels(metricNames.modelMemory, 'Memory that loading took', ({ loaded }) => loaded.memoryBytes ?? NaN);
    this.#ofModels(metricNames.batchFillLast, 'Rows of the last batch as a share of the limit', (model, totals) =>
      share(totals.lastRows, model.batcher.maxRows),
    );
    this.#ofModels(
      metricNames.batchFillMean,
      'Rows of all batches as a share of what they could hold',
      (model, totals) => share(totals.rows, totals.batches * model.batcher.maxRows),
    );
    this.#countOfModels(metricNames.batchRows, 'Rows of all batches', (totals) => totals.rows);
    this.#countOfModels(metricNames.batches, 'Batches that ran', (totals) => totals.batches);
    this.#addTimes();
    const requests = this.#requests;
    new Counter({
      name: metricNames.requests,
      help: 'Inference requests by what became of them',
      labelNames: ['outcome'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [outcome, count] of requests) this.inc({ outcome }, count);
      },
    });
  }

  #addTimes(): void {
    const { times } = this;
    const registers = [this.registry];
    const phasesOf = (): readonly (readonly [phase: string, ms: number])[] => Object.entries(times.phasesMs);
    this.#count(metricNames.phasedRequests, 'Answered requests whose time is in the phases', () => times.requests);
    this.#count(metricNames.engine, 'Time in which the engine computed', () => times.engineMs / 1000);
    new Counter({
      name: metricNames.requestPhase,
      help: 'Time of answered requests by phase',
      labelNames: ['phase'],
      registers,
      collect() {
        this.reset();
        for (const [phase, ms] of phasesOf()) this.inc({ phase }, ms / 1000);
      },
    });
  }

  #count(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  #ofModels(name: string, help: string, read: (model: ServedModel, totals: ModelTotals) => number): void {
    const samples = this.#samples.bind(this);
    new Gauge({
      name,
      help,
      labelNames: [...ofModel],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [model, totals] of samples()) {
          this.set({ model: model.name, version: model.version }, read(model, totals));
        }
      },
    });
  }

  #countOfModels(name: string, help: string, read: (totals: ModelTotals) => number): void {
    const samples = this.#samples.bind(this);
    new Counter({
      name,
      help,
      labelNames: [...ofModel],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [model, totals] of samples()) this.inc({ model: model.name, version: model.version }, read(totals));
      },
    });
  }

  #samples(): readonly (readonly [ServedModel, ModelTotals])[] {
    return this.#served().map((model) => [
      model,
      this.#totals.get(keyOf(model.name, model.version)) ?? { batches: 0, rows: 0, lastRows: 0 },
    ]);
  }
}

const keyOf = (name: string, version: string): string => `${name}\n${version}`;

/** Capped: a request larger than the limit runs as it is, and its batch is full, not more than full. */
function share(rows: number, capacity: number): number {
  return capacity === 0 ? 0 : Math.min(1, rows / capacity);
}

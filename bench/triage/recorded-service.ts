import { findMetric } from '../../src/core/evaluation/metrics/metric-name.ts';
import type { LabelPlan } from '../../src/core/monitoring/labels/label-plan.ts';
import type { ReplayedReplica } from '../../src/core/monitoring/replay/replay-state.ts';
import type { FileFinding } from '../../src/core/monitoring/triage/observations.ts';
import type { Change } from '../../src/core/monitoring/triage/observations.ts';
import type { MonitoringTerms } from '../../src/core/monitoring/watch/monitoring-terms.ts';
import { wilson } from '../../src/core/statistics/distributions/binomial.ts';
import type { Random } from '../../src/core/statistics/random.ts';
import { digestOf } from '../../src/core/units/digest.ts';
import { rowsOf, type EngineState, type RecordedModel, type Signals, type SentKind } from './signals.ts';
import type { Scenario } from './scenarios.ts';

/** The service at one moment: what is true, most of which nobody who watches is told. */
export interface RecordedService {
  readonly model: RecordedModel;
  readonly terms: MonitoringTerms;
  readonly labelPlan: LabelPlan;
  readonly replicas: readonly (ReplayedReplica & { readonly engine: EngineState })[];
  /** Replicas of the release that comes, while both answer. */
  readonly next: readonly (ReplayedReplica & { readonly engine: EngineState })[];
  readonly nextModel: RecordedModel;
  readonly sent: SentKind;
  /** These come more often than others: this share of the images is sure to be one of them. */
  readonly favoured: { readonly digits: readonly number[]; readonly share: number } | null;
  readonly swapsLabels: boolean;
  readonly skewsRouting: boolean;
  readonly files: FileFinding['verdict'];
}

/** As the contract of the example has it, but for shorter windows. */
const contractTerms = {
  rate: { count: 1, perMs: 30 * 86_400_000 },
  ...{ windowMs: 1_000, protocol: 'open-inference', redaction: { paths: [], tensors: [] } },
  ...{ content: false, retentionMs: 86_400_000, awaitsLabels: true },
  tolerance: { sd: 0.2, totalVariation: 0.1 },
} as const;
const labelMargin = 0.02;
const evaluatedRows = 750;

export function termsOf(model: RecordedModel, release: number): MonitoringTerms {
  const reference = { digest: digestOf(model.reference), summary: model.reference };
  return { ...contractTerms, release, reference } as unknown as MonitoringTerms;
}

export function labelPlanOf({ riskShare }: RecordedModel, release: number): LabelPlan {
  const { lower, upper } = wilson(Math.round(riskShare * evaluatedRows), evaluatedRows, 0.95);
  if (findMetric('accuracy') === null) throw new Error('accuracy is a metric');
  return {
    ...{ releases: [release], withinMs: 120_000, cohortMs: 60_000, unknown: [] },
    metrics: [
      {
        ...{ metric: 'accuracy', worst: 1, noLimitBecause: null },
        ...{ evaluated: { low: lower, high: upper }, limit: upper + labelMargin },
      },
    ],
  };
}

export const makeReplicas = (release: number, count: number, from = 1, fingerprint = 'runtime-1') =>
  Array.from({ length: count }, (_, at) => ({
    ...{ replicaId: `r${release}-${from + at}`, release, node: 'this machine', deviceClass: 'cpu' },
    ...{ driver: null, fingerprint, engine: 'good' as EngineState },
  }));

/** Before anything is wrong: three replicas of release 2. */
export function healthyService({ older, newer }: Signals, { happens }: Pick<Scenario, 'happens'>): RecordedService {
  const isOlderFirst = happens === 'release';
  const model = isOlderFirst ? older : newer;
  return {
    ...{ model, nextModel: isOlderFirst ? newer : older, terms: termsOf(model, 2), labelPlan: labelPlanOf(model, 2) },
    ...{
      replicas: makeReplicas(2, 3),
      next: [],
      sent: 'usual',
      favoured: null,
      swapsLabels: false,
      skewsRouting: false,
      files: 'matches',
    },
  };
}

/** The service from the fault on, and what its history says of it. */
export function withFault(
  service: RecordedService,
  scenario: Scenario,
  nowMs: number,
  random: Random,
): { readonly service: RecordedService; readonly changes: readonly Change[] } {
  const { engine, runtimeChanges, sent, swapsLabels = false, skewsRouting = false, filesDiffer } = scenario;
  const started = runtimeChanges ? makeReplicas(2, 3, 4, 'runtime-2') : service.replicas;
  const faulty = engine === undefined ? 0 : { one: 1, two: 2, all: started.length }[engine.at];
  const replicas = started.map((each, at) =>
    engine !== undefined && at < faulty ? { ...each, engine: engine.fault } : each,
  );
  const what = 'replica r2-4 runs with runtime runtime-2, the one before with runtime-1';
  return {
    service: {
      ...service,
      ...{ replicas, swapsLabels, skewsRouting, favoured: drawFavoured(scenario, random) },
      sent: sent === undefined || sent === 'reweigh' ? service.sent : sent,
      files: filesDiffer ? 'differs' : service.files,
    },
    changes: runtimeChanges ? [{ kind: 'runtime', atMs: nowMs, what, fingerprint: 'runtime-2' }] : [],
  };
}

/** Two to four digits come in seven of ten images besides their usual share; a mix within the tolerance moves by one in twenty. */
function drawFavoured({ sent, happens }: Scenario, random: Random): RecordedService['favoured'] {
  if (sent !== 'reweigh' && happens !== 'mix') return null;
  const sorted = Array.from({ length: 10 }, (_, digit) => ({ digit, at: random.nextShare() })).sort(
    (a, b) => a.at - b.at,
  );
  const digits = sorted.slice(0, 2 + random.nextBelow(3)).map(({ digit }) => digit);
  return { digits, share: sent === 'reweigh' ? 0.7 : 0.05 };
}

/** What happens to a healthy service, so many rows after the beginning. */
export function stepHistory(
  service: RecordedService,
  { happens }: Scenario,
  row: number,
  nowMs: number,
): { readonly service: RecordedService; readonly changes: readonly Change[] } | null {
  if (happens === 'scaling') return stepScaling(service, row, nowMs);
  if (happens !== 'release' && happens !== 'rollback') return null;
  if (row === 2_000) {
    const changes: readonly Change[] = [{ kind: 'rollout-step', atMs: nowMs, what: 'release 3 gets 50%' }];
    return { service: { ...service, next: makeReplicas(3, 3) }, changes };
  }
  if (row !== 4_000) return null;
  const { nextModel: model, next } = service;
  const kind = happens === 'release' ? 'release' : 'rollback';
  return {
    service: {
      ...service,
      model,
      terms: termsOf(model, 3),
      labelPlan: labelPlanOf(model, 3),
      replicas: next,
      next: [],
    },
    changes: [{ kind, atMs: nowMs, what: 'release 3 went live' }],
  };
}

function stepScaling(service: RecordedService, row: number, nowMs: number) {
  const count = { 2_000: 5, 8_000: 2, 14_000: 4 }[row];
  if (count === undefined) return null;
  const kept = service.replicas.slice(0, count);
  const replicas = [...kept, ...makeReplicas(2, count - kept.length, 10 + row / 100)];
  const change: Change = { kind: 'scaling', atMs: nowMs, what: `${count} replicas are wanted` };
  return { service: { ...service, replicas }, changes: [change] };
}

export const valuesOf = (model: RecordedModel, engine: EngineState, sent: SentKind, at: number) =>
  rowsOf(model, engine)[sent][at] ?? {};

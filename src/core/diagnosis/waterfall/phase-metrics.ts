import { labelOf, type MetricSample } from '../../scaling/engine-metrics/reading.ts';
import { addReadings, makeReading, makeUnknown, mapReading, type Reading } from '../readings/reading.ts';
import { gatewayPhases, serverPhases, type GatewayPhase, type ServerPhase } from './request-phase.ts';
import type { GatewayCounters, ServerCounters } from './service-snapshot.ts';

/**
 * Names of the counters by which a replica tells where the time of a request goes. The model server exports them; another
 * server may export the same names. The label `phase` is a phase of `phaseTable`; a server leaves out the ones that it does not
 * have.
 */
export const requestPhaseMetrics = {
  /** Requests whose time is in the phases. */
  phasedRequests: 'plimsoll_phased_requests_total',
  /** Sum over these requests, by `phase`. */
  requestPhase: 'plimsoll_request_phase_seconds_total',
  /** Time in which the engine computed: once a batch, however many requests are in it. */
  engine: 'plimsoll_engine_seconds_total',
} as const;

/** A counter by its name and the label that chooses its series; all series of it add up. */
interface CounterRule {
  readonly name: string;
  readonly phase?: string;
  /** Milliseconds of one unit. */
  readonly unitMs: number;
}

/** How one server tells its phases. What a server does not tell has no rule. */
interface ServerRules {
  readonly requests: string;
  readonly phases: Readonly<Partial<Record<ServerPhase, CounterRule>>>;
  readonly engine: CounterRule | null;
  readonly batches: string | null;
  readonly rows: string | null;
  readonly rowsAtMost: string | null;
}

/**
 * Servers whose phases are known, the first that tells its count of requests wins.
 *
 * | server | source |
 * |---|---|
 * | model server, or any that exports its names | docs/diagnosis.md |
 * | Triton | https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html, 2026-11 |
 * | vLLM | https://docs.vllm.ai/en/stable/design/metrics/, 2026-11 |
 *
 * Triton counts the whole run of a batch for each request in it, so that the time of its engine is not told.
 */
const serverRules: readonly ServerRules[] = [
  {
    requests: requestPhaseMetrics.phasedRequests,
    phases: Object.fromEntries(
      serverPhases.map((phase) => [phase, { name: requestPhaseMetrics.requestPhase, phase, unitMs: 1_000 }]),
    ),
    engine: { name: requestPhaseMetrics.engine, unitMs: 1_000 },
    batches: 'plimsoll_batches_total',
    rows: 'plimsoll_batch_rows_total',
    rowsAtMost: 'plimsoll_batch_limit_rows',
  },
  {
    requests: 'nv_inference_request_success',
    phases: {
      'batch-wait': { name: 'nv_inference_queue_duration_us', unitMs: 0.001 },
      preprocess: { name: 'nv_inference_compute_input_duration_us', unitMs: 0.001 },
      run: { name: 'nv_inference_compute_infer_duration_us', unitMs: 0.001 },
      encode: { name: 'nv_inference_compute_output_duration_us', unitMs: 0.001 },
    },
    engine: null,
    batches: 'nv_inference_exec_count',
    rows: 'nv_inference_count',
    rowsAtMost: null,
  },
  {
    requests: 'vllm:request_inference_time_seconds_count',
    phases: {
      'batch-wait': { name: 'vllm:request_queue_time_seconds_sum', unitMs: 1_000 },
      run: { name: 'vllm:request_inference_time_seconds_sum', unitMs: 1_000 },
    },
    engine: null,
    batches: null,
    rows: null,
    rowsAtMost: null,
  },
];

const gatewayNames = {
  requests: 'plimsoll_gateway_phased_requests_total',
  total: 'plimsoll_gateway_request_seconds_total',
  phase: 'plimsoll_gateway_request_phase_seconds_total',
} as const;

/** Every name that a reading of phases looks for. */
export const phaseMetricNames: readonly string[] = [
  ...Object.values(gatewayNames),
  ...new Set(
    serverRules.flatMap(({ requests, phases, engine, batches, rows, rowsAtMost }) =>
      [requests, engine?.name, batches, rows, rowsAtMost, ...Object.values(phases).map(({ name }) => name)].filter(
        (name) => name !== undefined && name !== null,
      ),
    ),
  ),
];

/** What a server tells of its phases; unknown where it tells none. */
export function readServerCounters(
  replicaId: string,
  samples: readonly MetricSample[] | { readonly unknown: string },
): ServerCounters {
  const untold = 'unknown' in samples ? samples.unknown : 'this server does not tell it';
  const told = 'unknown' in samples ? [] : samples;
  const rules = serverRules.find(({ requests }) => told.some(({ name }) => name === requests));
  const count = (name: string | null | undefined): Reading =>
    name === null || name === undefined ? makeUnknown(untold) : sumOf(told, { name, unitMs: 1 }, untold);
  const time = (rule: CounterRule | null | undefined): Reading =>
    rule === null || rule === undefined ? makeUnknown(untold) : sumOf(told, rule, untold);
  return {
    replicaId,
    requests: count(rules?.requests),
    phasesMs: Object.fromEntries(serverPhases.map((phase) => [phase, time(rules?.phases[phase])])) as Record<
      ServerPhase,
      Reading
    >,
    engineMs: time(rules?.engine),
    batches: count(rules?.batches),
    rows: count(rules?.rows),
    rowsAtMost: count(rules?.rowsAtMost),
  };
}

/** @param scope of a gateway of many services, whose series name theirs; those of its home have no name. */
export function readGatewayCounters(
  gatewayId: string,
  samples: readonly MetricSample[] | { readonly unknown: string },
  scope: { readonly service: string; readonly environment: string },
): GatewayCounters {
  const untold = 'unknown' in samples ? samples.unknown : 'this gateway does not tell it';
  const all = 'unknown' in samples ? [] : samples;
  const named = all.filter(
    (sample) => labelOf(sample, 'service') === scope.service && labelOf(sample, 'environment') === scope.environment,
  );
  const told = named.length > 0 ? named : all.filter((sample) => labelOf(sample, 'service') === null);
  const phase = (name: string): Reading =>
    sumOf(told, { name: gatewayNames.phase, phase: name, unitMs: 1_000 }, untold);
  return {
    gatewayId,
    requests: sumOf(told, { name: gatewayNames.requests, unitMs: 1 }, untold),
    totalMs: sumOf(told, { name: gatewayNames.total, unitMs: 1_000 }, untold),
    replicaMs: phase('replica'),
    phasesMs: Object.fromEntries(gatewayPhases.map((name) => [name, phase(name)])) as Record<GatewayPhase, Reading>,
  };
}

function sumOf(samples: readonly MetricSample[], { name, phase, unitMs }: CounterRule, untold: string): Reading {
  const series = samples.filter(
    (sample) => sample.name === name && (phase === undefined || labelOf(sample, 'phase') === phase),
  );
  const values = series.map(({ value }) => makeReading(value));
  return mapReading(addReadings(values, untold), (sum) => sum * unitMs);
}

import { predict } from '../evaluate.ts';
import type { Image } from '../data/images.ts';
import { wilsonInterval, type Interval } from '../wilson.ts';
import type { Verdict } from '../../../src/core/units/verdict.ts';
import { admittedReplica } from './service-watch.ts';
import type { LiveService } from './bring-in.ts';
import { judgeRun } from './judge.ts';
import type { RegisteredModel } from './register.ts';
import type { TimedStep } from './step-printer.ts';
import { tally } from './tally.ts';
import type { Outcome } from './traffic.ts';

/** What `--once --json` prints. */
export interface RunReport {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly release: number;
  readonly modelVersion: number;
  readonly modelDigest: string;
  readonly digits: number;
  readonly errors: number;
  /** Share of the answered digits that were right; null without an answer. */
  readonly accuracy: number | null;
  readonly accuracyInterval95: Interval | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  readonly requestsPerSecond: number;
  /** From the start of this process to the first answer through the gateway. */
  readonly firstAnswerMs: number;
  /** Of the start of the replica that answered. */
  readonly phases: readonly {
    readonly phases: readonly string[];
    readonly startMs: number;
    readonly durationMs: number;
  }[];
  readonly steps: readonly TimedStep[];
}

export interface FinishedRun {
  readonly live: LiveService;
  readonly model: RegisteredModel;
  /** The digits in the order in which they were sent. */
  readonly rows: readonly Image[];
  readonly outcomes: readonly Outcome[];
  readonly tookMs: number;
  readonly firstAnswerMs: number;
  readonly steps: readonly TimedStep[];
  readonly objective: { readonly quantile: number; readonly latencyMs: number } | null;
}

export async function reportRun(run: FinishedRun): Promise<RunReport> {
  const { live, model, rows, outcomes } = run;
  const sums = tally(outcomes);
  const latencies = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.latencyMs] : []));
  const predicted = await predict(model.trained.file.path, rows);
  const { verdict, reasons } = judgeRun(sums, latencies, {
    release: String(live.release),
    right: predicted.filter((digit, index) => digit === rows[index]?.label).length,
    objective: run.objective,
  });
  return {
    verdict,
    reasons,
    release: live.release,
    modelVersion: model.version,
    modelDigest: model.digest,
    digits: sums.sent,
    errors: sums.errors,
    accuracy: sums.answered === 0 ? null : sums.right / sums.answered,
    accuracyInterval95: sums.answered === 0 ? null : wilsonInterval(sums.right, sums.answered),
    latencyP50Ms: sums.latencyP50Ms,
    latencyP99Ms: sums.latencyP99Ms,
    requestsPerSecond: (sums.answered / run.tookMs) * 1000,
    firstAnswerMs: run.firstAnswerMs,
    phases: admittedReplica(live.view, live.release)?.phases ?? [],
    steps: run.steps,
  };
}

export function reportText(report: RunReport): string {
  const ms = (value: number | null): string => (value === null ? 'none' : `${value.toFixed(1)} ms`);
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const accuracy =
    report.accuracy === null || report.accuracyInterval95 === null
      ? 'no accuracy'
      : `${percent(report.accuracy)} right (95 %: ${percent(report.accuracyInterval95.low)} to ${percent(report.accuracyInterval95.high)})`;
  return [
    `${report.digits} holdout digits through the gateway: ${accuracy}, ${report.errors} errors, ` +
      `p50 ${ms(report.latencyP50Ms)}, p99 ${ms(report.latencyP99Ms)}, release ${report.release}`,
    ...report.reasons.map((reason) => `  ${reason}`),
    `verdict: ${report.verdict}`,
  ].join('\n');
}

import { Option, type Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { engineSignals } from '../../core/scaling/engine-metrics/engine-signals.ts';
import { engineNames } from '../../core/scaling/engine-metrics/engine-table.ts';
import { foldReplicas } from '../../core/scaling/engine-metrics/fold-replicas.ts';
import type { EngineName } from '../../core/scaling/engine-metrics/metric-rule.ts';
import { splitReading, type MetricsReading } from '../../core/scaling/engine-metrics/reading.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { durationForm, readDuration } from '../../core/units/quantity/quantity-duration.ts';
import type { MetricsAnswer, MetricsSource, MetricsTarget } from '../../ports/serving/metrics-source.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import type { SignalsReport, ToldReplica } from './scale-signals-report.ts';
import { signalsLines } from './scale-signals-text.ts';

/** Longest time between the two readings. */
const everyAtMostMs = 600_000;

export function configureScaleSignals(scale: Command): void {
  scale
    .command('signals')
    .description('what the engines of replicas tell: queue, batch, requests, service time, memory, out of two readings')
    .argument(
      '[url...]',
      'addresses of replicas, `/metrics` where they name no path; none with --prometheus and --selector',
    )
    .addOption(new Option('--engine <name>', 'the engine, when its metrics do not show it').choices(engineNames))
    .option('--prometheus <url>', 'ask this Prometheus server instead; PLIMSOLL_PROMETHEUS_URL otherwise')
    .option('--selector <labels>', 'which series of the server: job="vllm",pod=~"chat-.*"')
    .option('--every <time>', 'time between the two readings', '5s')
    .option('--batch-limit <rows>', 'largest batch, for engines that do not export it');
}

/** Two looks, some seconds apart, because half of the signals are increases. Exit 3 when no replica told anything. */
export async function runScaleSignals(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const everyMs = intervalOf(String(options['every'] ?? '5s'));
  const batchLimitRows = limitOf(options['batchLimit']);
  const engine = (options['engine'] as EngineName | undefined) ?? null;
  const urls = args.filter((each) => each !== '');
  const wholeSelector = urls.length === 0;
  const [prometheus, selector] = [text(options['prometheus']), text(options['selector'])];
  if (wholeSelector && (prometheus ?? context.env['PLIMSOLL_PROMETHEUS_URL'] ?? '') === '') throw nothingToAsk();
  const source = await context.metricsSource({ prometheus, selector, engine, wholeSelector });
  try {
    const targets: readonly MetricsTarget[] = wholeSelector
      ? [{ replicaId: 'selector', endpoint: null }]
      : urls.map((endpoint) => ({ replicaId: endpoint, endpoint }));
    const before = await look(source, targets, wholeSelector, context.signal);
    context.terminal.note(`reading again in ${everyMs / 1_000} s`);
    await context.clock.sleep(everyMs, context.signal);
    const now = await look(source, targets, wholeSelector, context.signal);
    const report = reportOf(before, now, { nowMs: context.clock.nowMs(), engine, batchLimitRows, overMs: everyMs });
    const exit = report.together.replicasTold > 0 ? 0 : 3;
    return { exit, json: report, text: signalsLines(report) };
  } finally {
    await source.close();
  }
}

interface Looked {
  readonly answers: ReadonlyMap<string, MetricsReading | Extract<MetricsAnswer, { readonly kind: 'failed' }>>;
  readonly warnings: readonly string[];
}

async function look(
  source: MetricsSource,
  targets: readonly MetricsTarget[],
  isSplit: boolean,
  signal: AbortSignal,
): Promise<Looked> {
  const answers = await source.read(targets, signal);
  const looked = new Map<string, MetricsReading | Extract<MetricsAnswer, { readonly kind: 'failed' }>>();
  const warnings: string[] = [];
  for (const [index, answer] of answers.entries()) {
    const replicaId = targets[index]?.replicaId ?? '';
    if (answer.kind === 'failed') looked.set(replicaId, answer);
    else {
      warnings.push(...answer.warnings);
      const parts = isSplit ? splitReading(answer.reading, 'instance') : new Map([[replicaId, answer.reading]]);
      for (const [id, reading] of parts) looked.set(id, reading);
    }
  }
  return { answers: looked, warnings };
}

function reportOf(
  before: Looked,
  now: Looked,
  options: {
    readonly nowMs: number;
    readonly engine: EngineName | null;
    readonly batchLimitRows: number | null;
    readonly overMs: number;
  },
): SignalsReport {
  const replicas = [...now.answers].map(([replicaId, answer]): ToldReplica => {
    if ('kind' in answer) return { replicaId, signals: null, failed: answer };
    const earlier = before.answers.get(replicaId);
    const base = earlier === undefined || 'kind' in earlier ? null : earlier;
    return { replicaId, signals: engineSignals(base, answer, options), failed: null };
  });
  const warnings = [...new Set([...before.warnings, ...now.warnings])];
  return { atMs: options.nowMs, overMs: options.overMs, replicas, together: foldReplicas(replicas), warnings };
}

const text = (option: unknown): string | null => (typeof option === 'string' && option !== '' ? option : null);

function intervalOf(given: string): number {
  const read = readDuration(given);
  if (read.ok && read.value >= 1_000 && read.value <= everyAtMostMs) return read.value;
  throw new PlimsollError({
    code: 'interval-invalid',
    category: 'input',
    message: `--every \`${given.slice(0, 50)}\` is no time from 1s to 10m; it is ${durationForm}`,
    next: 'write --every 5s',
  });
}

function limitOf(given: unknown): number | null {
  if (given === undefined) return null;
  const rows = Number(given);
  if (Number.isSafeInteger(rows) && rows > 0) return rows;
  throw new PlimsollError({
    code: 'batch-limit-invalid',
    category: 'input',
    message: `--batch-limit \`${String(given).slice(0, 50)}\` is no number of rows`,
    next: 'write --batch-limit 32: max_batch_size of Triton, --max-num-seqs of vLLM',
  });
}

function nothingToAsk(): PlimsollError {
  return new PlimsollError({
    code: 'metrics-place-missing',
    category: 'input',
    message: 'no replica and no Prometheus server is named',
    next: nextStep(cliSteps, 'metrics-place-missing'),
  });
}

import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { readyTimeMs } from '../../core/coldstart/start-times.ts';
import { makeWorkloadSpareKey } from '../../core/rollout/spare-needs.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import { planWarmPools, type PooledService } from '../../core/scaling/warm-pool/plan-warm-pool.ts';
import { readStartOrders, type CountedDecision, type RecordedTime } from '../../core/scaling/warm-pool/start-order.ts';
import { quantileOf } from '../../core/statistics/limits/quantile-limits.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readDuration } from '../../core/units/quantity/quantity-duration.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { warmPoolText, type ShownPool } from './scale-warm-pool-text.ts';

const sinceDefault = '14d';
/** As many events as one question gets. */
const eventsAtMost = 10_000;
/** A start that capacity is ordered ahead by: as the own policy takes it. */
const startQuantile = 0.9;

export function configureScaleWarmPool(scale: Command): void {
  scale
    .command('warm-pool')
    .description('how many spare replicas the services of an environment need together, by their recorded starts')
    .requiredOption('--with-spare <duration>', 'how long a start takes that finds a spare')
    .option('--in <environment>', 'services of this environment alone (default: of each environment by itself)')
    .option('--since <duration>', `starts of so long (default: ${sinceDefault})`);
}

type Context = Pick<CliContext, 'fleet' | 'fleetOperations'>;

/** Tells what is kept and taken, beside a what-if: nothing is ordered. */
export async function runScaleWarmPool(context: Context, { options }: CommandInput): Promise<CommandResult> {
  const withSpareMs = durationOf('--with-spare', options['withSpare']);
  const sinceMs = durationOf('--since', options['since'] ?? sinceDefault);
  const [fleet, operations] = [await context.fleet(), await context.fleetOperations()];
  if (fleet === null || operations === null) throw noControlPlane();
  const wanted = fleet.services.filter(
    ({ environment, live }) => live !== null && (options['in'] === undefined || options['in'] === environment),
  );
  const environments = [...new Set(wanted.map(({ environment }) => environment))].sort();
  const pools: EnvironmentPools[] = [];
  for (const environment of environments) {
    const names = wanted.filter((entry) => entry.environment === environment).map(({ service }) => service);
    const read: ReadService[] = [];
    for (const service of names) {
      const one = await readService(operations, { service, environment, fromMs: fleet.nowMs - sinceMs });
      if (one !== null) read.push(one);
    }
    if (read.length === 0) continue;
    const time = commonTime(read, fleet.nowMs);
    const services = read.map(({ pooled, decisions }) => ({
      ...pooled,
      orders: readStartOrders(
        pooled.name,
        decisions.filter(({ atMs }) => atMs >= time.fromMs),
      ),
    }));
    const kept = planWarmPools(services, time, withSpareMs).map((pool): ShownPool => {
      const taken = read.filter(({ pooled }) => pooled.fits === pool.fits).flatMap((each) => each.taken);
      const standing = fleet.spares?.find((each) => each.environment === environment && each.fits === pool.fits);
      return {
        ...pool,
        standing: standing ?? null,
        taken: {
          starts: taken.length,
          medianMs: quantileOf(
            taken.toSorted((a, b) => a - b),
            0.5,
          ),
        },
      };
    });
    pools.push({ environment, time, pools: kept });
  }
  return { exit: 0, json: { withSpareMs, environments: pools }, text: warmPoolText(pools, withSpareMs) };
}

interface EnvironmentPools {
  readonly environment: string;
  readonly time: RecordedTime;
  readonly pools: readonly ShownPool[];
}

interface ReadService {
  readonly pooled: Omit<PooledService, 'orders'>;
  readonly decisions: readonly CountedDecision[];
  /** Milliseconds of each start that took a spare. */
  readonly taken: readonly number[];
  /** There were more of them than one question gets. */
  readonly isCut: boolean;
}

/** Null where nothing was decided of it, or no release of it is live. */
async function readService(
  operations: Operations,
  asked: { readonly service: string; readonly environment: string; readonly fromMs: number },
): Promise<ReadService | null> {
  const { service, environment, fromMs } = asked;
  const events = await operations.events({ service, environment, kindPrefix: 'scaling.decided', last: eventsAtMost });
  const newest = events.at(-1);
  if (newest === undefined) return null;
  const { record } = await operations.scalingDecision({ service, environment, seq: newest.seq });
  const release = (await operations.releases(service, environment)).find(({ number }) => number === record.release);
  if (release === undefined) return null;
  const { starts, capacity, terms } = record.grounds.input;
  const decisions = events.flatMap((event): readonly CountedDecision[] => {
    if (event.kind !== 'scaling.decided' || event.atMs < fromMs) return [];
    const { before, desired } = event.data;
    return before === undefined || desired === undefined ? [] : [{ atMs: event.atMs, before, desired }];
  });
  return {
    pooled: {
      name: service,
      fits: makeWorkloadSpareKey(makeWorkload(release.code, release.model)),
      startMs: readyTimeMs(starts, startQuantile),
      ratePerSecond: capacity.ratePerSecond,
      lateRequestPrice: terms.lateRequestPrice,
      acceleratorSecondPrice: terms.acceleratorSecondPrice,
    },
    decisions,
    taken: await readTakenStarts(operations, asked),
    isCut: events.length >= eventsAtMost,
  };
}

/** Starts that took a spare, by what was recorded when replicas got ready. */
async function readTakenStarts(
  operations: Operations,
  { service, environment, fromMs }: { readonly service: string; readonly environment: string; readonly fromMs: number },
): Promise<readonly number[]> {
  const asked = { service, environment, kindPrefix: 'replica.ready', last: eventsAtMost };
  return (await operations.events(asked)).flatMap((event): readonly number[] => {
    if (event.kind !== 'replica.ready' || event.atMs < fromMs || event.data.spare === undefined) return [];
    const { startedAtMs, readyAtMs = null } = event.data;
    return startedAtMs === undefined || readyAtMs === null ? [] : [readyAtMs - startedAtMs];
  });
}

/** From the first decision of any service, or the first that is left of one whose history is cut. */
function commonTime(read: readonly ReadService[], toMs: number): RecordedTime {
  const first = ({ decisions }: ReadService): number => decisions[0]?.atMs ?? toMs;
  const cut = read.filter(({ isCut }) => isCut);
  return { fromMs: cut.length > 0 ? Math.max(...cut.map(first)) : Math.min(...read.map(first)), toMs };
}

function durationOf(name: string, given: unknown): number {
  const read = readDuration(typeof given === 'string' ? given : '');
  if (read.ok && read.value > 0) return read.value;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${name} ${String(given)}: ${read.ok ? 'a duration is longer than 0' : (read.hint ?? read.expected)}`,
    next: `${name} 5s`,
  });
}

const noControlPlane = (): PlimsollError =>
  new PlimsollError({
    code: 'no-control-plane',
    category: 'unavailable',
    message: 'no control plane answers, and only it knows the services and their starts',
    next: nextStep(cliSteps, 'no-control-plane'),
  });

/**
 * How long a replica that stands still stays in traffic, what that costs, and how often one that works is ended. The evidence and the
 * decision are those of the control plane; the replica, its traffic and its clocks are simulated.
 *
 *   npm run bench -- stuck [--hours N (300)] [--hangs N (200)] [--seed N] [--live MINUTES (0)] [--json]
 *
 * With `--live`, a whole Plimsoll of one replica runs that long under saturation, a suspended machine and a paused control plane, and is
 * then hung. Exit status 0 when no replica was ended that had answered a client or its probe in the last 30 minutes, and each hang was found
 * within 5 s of its limit. `servedNobody` counts replicas that worked on for longer than that, and only for clients that had left.
 */
import { seededRandom } from '../../src/core/statistics/random.ts';
import { runLive } from './live-run.ts';
import { queuedAtMostMs } from '../../src/core/rollout/liveness/judge-liveness.ts';
import { playHour, situations, type HourOutcome, type Situation } from './simulate-hours.ts';

const defaultSeed = 20_261_202;
const limitSlackMs = 5_000;

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  const [hours, hangs, liveMinutes] = [number('hours', 300), number('hangs', 200), number('live', 0)];
  const random = seededRandom(number('seed', defaultSeed));
  const falseEnds = Object.fromEntries(situations.map((situation) => [situation, 0]));
  let servedNobody = 0;
  for (let hour = 0; hour < hours; hour += 1) {
    const situation = situations[hour % situations.length] ?? 'steady';
    const { judgedMs, silentMs } = playHour({ situation, tellsCounters: random.nextShare() < 0.5, hang: null }, random);
    if (judgedMs !== null && silentMs >= queuedAtMostMs) servedNobody += 1;
    else if (judgedMs !== null) falseEnds[situation] = (falseEnds[situation] ?? 0) + 1;
  }
  const ended = Object.values(falseEnds).reduce((sum, count) => sum + count, 0);
  const found: (HourOutcome & { readonly situation: Situation; readonly afterMs: number | null })[] = [];
  for (let index = 0; index < hangs; index += 1) {
    const atMs = Math.round(300_000 + 300_000 * random.nextShare());
    const kind = index % 4 === 3 ? ('all-but-probes' as const) : ('all' as const);
    const hang = { atMs, kind };
    const situation = index % 8 < 4 ? 'steady' : 'saturation';
    const outcome = playHour({ situation, tellsCounters: random.nextShare() < 0.5, hang }, random);
    found.push({ ...outcome, situation, afterMs: outcome.judgedMs === null ? null : outcome.judgedMs - atMs });
  }
  const beyondMs = found
    .map(({ afterMs, limitMs }) => (afterMs === null ? Infinity : afterMs - limitMs))
    .sort((a, b) => a - b);
  const afterMs = (of: Situation): readonly number[] =>
    found
      .filter(({ situation }) => situation === of)
      .map((each) => each.afterMs ?? Infinity)
      .sort((a, b) => a - b);
  const lost = found.map((each) => each.lost).sort((a, b) => a - b);
  const simulated = {
    ...{ hours, falseEnds: ended, bySituation: falseEnds, servedNobody },
    // Exact for no event: 1 - 0.05 = 1 - exp(-rate x hours); with events the limit is not told here.
    perHourUpTo: ended === 0 ? -Math.log(0.05) / hours : null,
    hangs: { count: hangs, missed: found.filter(({ afterMs: ms }) => ms === null).length },
    outOfTrafficMs: tell(afterMs('steady')),
    outOfTrafficSaturatedMs: tell(afterMs('saturation')),
    beyondLimitMs: tell(beyondMs),
    requestsLost: tell(lost),
  };
  const live = liveMinutes > 0 ? await runLive(liveMinutes) : null;
  console.log(JSON.stringify({ bench: 'stuck', simulated, live }, null, 2));
  const isFound = (beyondMs.at(-1) ?? 0) <= limitSlackMs;
  return ended === 0 && isFound && (live === null || live.falseEnds === 0) ? 0 : 1;
}

function tell(sorted: readonly number[]): { median: number; p90: number; most: number } {
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { median: at(0.5), p90: at(0.9), most: at(1) };
}

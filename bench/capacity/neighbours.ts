import { lateAllowed } from '../../src/core/capacity/sustained/measure-horizon.ts';
import { horizonCutShare } from '../../src/core/evidence/kinds/capacity/sustained-measurements.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { SimulatedReplica } from './simulated-replica.ts';
import { makeWorld, mostPerSecondOf, type World } from './worlds.ts';

/** When other programs run: all the time, or in bursts that take half of the speed and last so long on average. */
const patterns = ['evenly', '3 requests', '30 requests', 'a fifth of a horizon'] as const;
type Pattern = (typeof patterns)[number];
const takenShares = [0.01, 0.02, 0.05, 0.1] as const;
/** A burst leaves the replica half of the processors: as many threads run as those of the replica. */
const takenInBurst = 0.5;

/** By how much the sustained rate is too low when other programs take a share of the processors. */
interface NeighbourRow {
  readonly takenShare: number;
  readonly pattern: Pattern;
  readonly services: number;
  readonly medianBias: number;
  /** Of the services nine in ten lose no more. */
  readonly largeBias: number;
}

/** Simulates so many services, each beside other programs that take more and more. */
export function measureNeighbours(services: number, seed: number): readonly NeighbourRow[] {
  const alone: { readonly world: World; readonly seed: number; readonly perSecond: number }[] = [];
  for (let at = 0; alone.length < services && at < 4 * services; at += 1) {
    const world = makeWorld(seed + at, 'steady', 0);
    const perSecond = sustainedRateOf(world, seed + at);
    if (perSecond !== null) alone.push({ world, seed: seed + at, perSecond });
  }
  return patterns.flatMap((pattern) =>
    takenShares.map((takenShare) => {
      const biases = alone.map((one) => {
        const perSecond = sustainedRateOf(besideOthers(one.world, pattern, takenShare, one.seed), one.seed);
        return 1 - (perSecond ?? 0) / one.perSecond;
      });
      biases.sort((a, b) => a - b);
      const at = (share: number): number =>
        biases[Math.min(biases.length - 1, Math.floor(share * biases.length))] ?? NaN;
      return { takenShare, pattern, services: alone.length, medianBias: at(0.5), largeBias: at(0.9) };
    }),
  );
}

function besideOthers(world: World, pattern: Pattern, takenShare: number, seed: number): World {
  const { service, plan } = world;
  const burstMs = {
    evenly: null,
    '3 requests': 3 * service.meanWorkMs,
    '30 requests': 30 * service.meanWorkMs,
    'a fifth of a horizon': 0.2 * plan.horizonMs,
  }[pattern];
  const speedAt =
    burstMs === null ? () => 1 - takenShare : makeBursts(burstMs, takenShare / takenInBurst, seed + 3_000_000);
  return { ...world, service: { ...service, speedAt } };
}

/** Bursts and pauses of exponential length. Bursts fill a share of the time. */
function makeBursts(burstMs: number, busyShare: number, seed: number): (ms: number) => number {
  const random = seededRandom(seed);
  const pauseMs = (burstMs * (1 - busyShare)) / busyShare;
  const endsMs: number[] = [];
  let [at, lastMs] = [0, 0];
  return (ms) => {
    while (lastMs <= ms) {
      // Even places are pauses.
      lastMs -= (endsMs.length % 2 === 0 ? pauseMs : burstMs) * Math.log(1 - random.nextShare());
      endsMs.push(lastMs);
    }
    while (at > 0 && (endsMs[at - 1] ?? 0) > ms) at -= 1;
    while ((endsMs[at] ?? Infinity) <= ms) at += 1;
    return at % 2 === 0 ? 1 : 1 - takenInBurst;
  };
}

const horizonsOfRate = 50;
const outsideAllowed = 0.2 * horizonsOfRate;
const halvings = 9;

/** The largest rate at which 80% of horizons are inside, by halving; null where hardly any rate is. */
function sustainedRateOf(world: World, seed: number): number | null {
  const most = mostPerSecondOf(world.service);
  let [low, high] = [0.02 * most, 1.1 * most];
  if (!isSustained(world, low, seed)) return null;
  for (let step = 0; step < halvings; step += 1) {
    const middle = Math.sqrt(low * high);
    if (isSustained(world, middle, seed)) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

function isSustained({ service, plan }: World, perSecond: number, seed: number): boolean {
  const replica = new SimulatedReplica(service, seed);
  replica.beginHorizons();
  let [inside, outside] = [0, 0];
  while (inside < horizonsOfRate - outsideAllowed && outside <= outsideAllowed) {
    const { dueMs, timesMs } = replica.open(perSecond, plan.horizonMs);
    const counted = timesMs.filter((_, at) => (dueMs[at] ?? 0) >= horizonCutShare * plan.horizonMs);
    const isOutside = lateAllowed(counted.length, plan.objective).some(
      ({ limitMs, atMost }) => counted.reduce((late, timeMs) => late + (timeMs > limitMs ? 1 : 0), 0) > atMost,
    );
    if (isOutside) outside += 1;
    else inside += 1;
  }
  return outside <= outsideAllowed;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`.padStart(7);

export function neighboursText(rows: readonly NeighbourRow[]): string {
  const head = `other programs take   the rate is too low by (median, and of the worst tenth), of ${rows[0]?.services ?? 0} services`;
  const lines = takenShares.map((takenShare) =>
    [
      percent(takenShare),
      ...patterns.map((pattern) => {
        const row = rows.find((one) => one.takenShare === takenShare && one.pattern === pattern);
        return row === undefined ? '-' : `${percent(row.medianBias)} ${percent(row.largeBias)}`;
      }),
    ].join('   '),
  );
  return [head, `         ${patterns.map((pattern) => pattern.padStart(16)).join('  ')}`, ...lines].join('\n');
}

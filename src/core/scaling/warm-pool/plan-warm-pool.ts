import { replaySpares } from './replay-spares.ts';
import { priceMiss, sizeWarmPool, type WarmPoolSize } from './size-warm-pool.ts';
import { countStarts, type RecordedTime, type StartOrder } from './start-order.ts';
import { findSharesUnderWay } from './starts-under-way.ts';

/** A service that could take spares of a pool. */
export interface PooledService {
  /** Unique in the pool. */
  readonly name: string;
  /** Text that is the same for services whose replicas can be made of one spare: `makeSpareKey`. */
  readonly fits: string;
  readonly orders: readonly StartOrder[];
  /** Start without a spare, milliseconds: until then a spare that was taken is replaced. */
  readonly startMs: number;
  readonly ratePerSecond: number;
  readonly lateRequestPrice: number;
  readonly acceleratorSecondPrice: number;
}

/** Spares of services that fit each other. */
export interface PlannedWarmPool {
  readonly fits: string;
  readonly services: readonly PlannedService[];
  readonly starts: number;
  readonly joint: WarmPoolSize;
  /** Sum of what the services would keep each for themselves, at the same prices. */
  readonly alone: number;
  /** Longest start of the services, milliseconds. */
  readonly replaceMs: number;
  /** Share of the recorded starts that would have found one of the joint spares; null where there was none. */
  readonly foundShare: number | null;
  /** The same with the services' own spares. */
  readonly foundAloneShare: number | null;
  /** What the joint spares cost an hour, in the unit of the prices. */
  readonly pricePerHour: number;
}

export interface PlannedService {
  readonly name: string;
  readonly starts: number;
  readonly alone: WarmPoolSize;
}

/**
 * Returns the spares that services need together, one pool for each group that fits, in order of the groups. The joint pool is sized by
 * the starts of all of them that fall within one start time, because the services seldom start at the same moment.
 *
 * The price of a miss of the joint pool is the mean over the starts. A spare is priced as the dearest of the services' accelerators.
 *
 * @param withSpareMs start of a replica that takes a spare, milliseconds
 */
export function planWarmPools(
  services: readonly PooledService[],
  time: RecordedTime,
  withSpareMs: number,
): readonly PlannedWarmPool[] {
  const groups = Map.groupBy(services, ({ fits }) => fits);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fits, group]) => planGroup(fits, group, time, withSpareMs));
}

function planGroup(
  fits: string,
  services: readonly PooledService[],
  time: RecordedTime,
  withSpareMs: number,
): PlannedWarmPool {
  const orders = services.flatMap((service) => service.orders).sort((a, b) => a.atMs - b.atMs);
  const starts = countStarts(orders);
  const replaceMs = Math.max(...services.map(({ startMs }) => startMs));
  const spareSecond = Math.max(...services.map(({ acceleratorSecondPrice }) => acceleratorSecondPrice));
  const missOf = (service: PooledService): number => priceMiss({ ...service, savedMs: service.startMs - withSpareMs });
  const miss = services.reduce((sum, each) => sum + missOf(each) * countStarts(each.orders), 0) / Math.max(1, starts);
  const planned = services.map((service) => ({
    name: service.name,
    starts: countStarts(service.orders),
    alone: sizeWarmPool(
      findSharesUnderWay(service.orders, service.startMs, time),
      { spareSecond: service.acceleratorSecondPrice, miss: missOf(service) },
      service.startMs,
    ),
  }));
  const joint = sizeWarmPool(findSharesUnderWay(orders, replaceMs, time), { spareSecond, miss }, replaceMs);
  const foundAlone = services.reduce((sum, service, index) => {
    const spares = planned[index]?.alone.spares ?? 0;
    return sum + replaySpares(service.orders, spares, service.startMs).found;
  }, 0);
  return {
    fits,
    services: planned,
    starts,
    joint,
    alone: planned.reduce((sum, { alone }) => sum + alone.spares, 0),
    replaceMs,
    foundShare: starts === 0 ? null : replaySpares(orders, joint.spares, replaceMs).found / starts,
    foundAloneShare: starts === 0 ? null : foundAlone / starts,
    pricePerHour: joint.spares * spareSecond * 3_600,
  };
}

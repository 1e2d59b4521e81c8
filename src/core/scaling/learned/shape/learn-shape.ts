import type { ShapeEvidence } from '../../policy.ts';

/**
 * How the ratio of real over told rate changes with the occupancy of replicas: a line in its logarithm, from what was seen to full replicas.
 * The told curve may be of another shape than the real one, and replicas are sized by what full ones carry.
 *
 * A block of requests that happen to be long makes replicas fuller and answers slower at once, so that a plain regression finds a slope where
 * there is none. The slope is found by what arrives instead, which the length of requests does not move (an instrumental variable, Wright 1928):
 *
 *   slope = S_zy / S_zx,  weight of it = S_zx² / S_zz,
 *
 * with sums over blocks of the products of deviations from the mean of lately: z what arrives, x the occupancy, y the logarithm of the ratio.
 * Its prior is a slope of 0 (the told shape is right) with a standard deviation. JSON-safe.
 */
export interface LearnedShape {
  /** Means of lately, weighted as the ratio is, and the weight. */
  readonly weight: number;
  readonly occupancy: number;
  readonly log: number;
  readonly offered: number;
  /** Of the occupancy, so that the range can be told. */
  readonly variance: number;
  /** Most that the ratio may rise by on the way to full replicas: times do not fall. */
  readonly riseAtMost: number;
  /** Sums of products of deviations. */
  readonly offeredSquares: number;
  readonly offeredOccupancy: number;
  readonly offeredLog: number;
  /** That is used: change of the logarithm from empty replicas to full ones. */
  readonly slope: number;
}

/** One block of answers. */
export interface ShapeBlock {
  /** Logarithm of real over told rate at its occupancy, what is known of its work taken out. */
  readonly log: number;
  readonly weight: number;
  /** Taken share of the slots as a mean request sees it, 0 to 1. */
  readonly occupancy: number;
  /** What arrived, over what as many full replicas carry by the told curve. */
  readonly offered: number;
  /** Logarithm of the told time of a request on a full replica over that at this occupancy. */
  readonly riseAtMost: number;
}

/** One standard deviation: full replicas carry 13% less or 15% more of what is told than empty ones do. */
const slopeDeviation = Math.log(1.15);
/** How far the estimate may be off the slope that is used before that follows it. */
const band = { log: 0.05, deviations: 2 } as const;
/** The shape is a property of the engine: half of it is forgotten in an hour of work, as weights are. */
const halfLifeMs = 3_600_000;

export const beginShape: LearnedShape = {
  weight: 0,
  occupancy: 1,
  log: 0,
  offered: 0,
  variance: 0,
  riseAtMost: 0,
  offeredSquares: 0,
  offeredOccupancy: 0,
  offeredLog: 0,
  slope: 0,
};

/**
 * Returns what is known after one more block.
 *
 * @param keptShare of the weight of older blocks in the means
 * @param scatter variance of one sample's logarithm
 */
export function addShapeBlock(
  shape: LearnedShape,
  block: ShapeBlock,
  {
    elapsedMs,
    keptShare,
    scatter,
    weightAtMost,
  }: {
    readonly elapsedMs: number;
    readonly keptShare: number;
    readonly scatter: number;
    readonly weightAtMost: number;
  },
): LearnedShape {
  const kept = Math.min(weightAtMost, shape.weight * keptShare);
  const weight = kept + block.weight;
  const share = block.weight / weight;
  const [x, y, z] = [block.occupancy - shape.occupancy, block.log - shape.log, block.offered - shape.offered];
  const moved = {
    ...shape,
    weight,
    occupancy: shape.occupancy + share * x,
    log: shape.log + share * y,
    offered: shape.offered + share * z,
    variance: (1 - share) * (shape.variance + share * x * x),
    riseAtMost: shape.riseAtMost + share * (block.riseAtMost - shape.riseAtMost),
  };
  // Product of the deviations of this block and of all before it, weighted as the variance of a mean that forgets is.
  const product = kept * share * z;
  const keptProducts = 0.5 ** (elapsedMs / halfLifeMs);
  const next = {
    ...moved,
    offeredSquares: shape.offeredSquares * keptProducts + product * z,
    offeredOccupancy: shape.offeredOccupancy * keptProducts + product * x,
    offeredLog: shape.offeredLog * keptProducts + product * y,
  };
  return { ...next, slope: slopeOf(next, scatter) };
}

/** Returns the shape with the means of lately begun anew: what comes is of another level, and of the same engine. */
export const restartMeans = (shape: LearnedShape): LearnedShape => ({ ...shape, weight: 0, variance: 0 });

/** Returns what is to be added to the logarithm of a ratio that was seen at an occupancy to tell it of full replicas. */
export const logToFull = ({ slope }: LearnedShape, occupancy: number): number => slope * (1 - occupancy);

/** Standard deviation of what is added from the occupancy of lately. @param scatter variance of one sample's logarithm */
export function deviationToFull(shape: LearnedShape, scatter: number): number {
  return (1 - shape.occupancy) * Math.sqrt(scatter / (informationOf(shape) + scatter / slopeDeviation ** 2));
}

/** The slope stays as it is, at first 0, while the estimate may as well be the same. */
function slopeOf(shape: LearnedShape, scatter: number): number {
  const { offeredSquares, offeredOccupancy, offeredLog, occupancy, riseAtMost, slope } = shape;
  const information = informationOf(shape);
  const whole = information + scatter / slopeDeviation ** 2;
  const estimate = information === 0 ? 0 : (offeredOccupancy * offeredLog) / offeredSquares / whole;
  const deviation = Math.sqrt(scatter / whole);
  const isSame = Math.abs(estimate - slope) <= band.log + band.deviations * deviation;
  const next = isSame ? slope : Math.abs(estimate) <= band.log / 2 + deviation ? 0 : estimate;
  const below = 1 - occupancy;
  return below * next > riseAtMost ? riseAtMost / below : next;
}

/** Weight of what tells the slope; 0 where replicas do not become fuller as more arrives. */
function informationOf({ offeredSquares, offeredOccupancy }: LearnedShape): number {
  return offeredSquares > 0 && offeredOccupancy > 0 ? offeredOccupancy ** 2 / offeredSquares : 0;
}

/** Returns what was learned of the shape, for people; null where the ratio is taken for the same at each occupancy. @param fullRatio of full replicas */
export function learnedShapeOf(shape: LearnedShape | undefined, fullRatio: number): ShapeEvidence | null {
  if (shape === undefined || shape.slope === 0) return null;
  const { occupancy, variance } = shape;
  const around = Math.sqrt(variance);
  return {
    lowerShare: Math.max(0, occupancy - around),
    upperShare: Math.min(1, occupancy + around),
    seenRatio: fullRatio * Math.exp(-logToFull(shape, occupancy)),
  };
}

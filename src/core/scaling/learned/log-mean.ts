/**
 * The logarithm of a ratio, learned from blocks of samples: a weighted mean that forgets, and a scatter that is measured between
 * blocks (quasi-Poisson: the variance of a block of n samples is `scatter` / n). JSON-safe.
 */
export interface LogMean {
  readonly mean: number;
  /** Samples that it rests on, older ones counted for less. */
  readonly weight: number;
  readonly scatter: number;
  /** Blocks that the scatter rests on, the prior's included. */
  readonly blocks: number;
  /** Newest blocks, oldest first: what the change is looked for in. */
  readonly recent: readonly LogBlock[];
}

export interface LogBlock {
  readonly log: number;
  readonly weight: number;
}

/** What is believed before the first block. */
export interface LogPrior {
  /** Variance of one sample's logarithm: 1 for exponential times. */
  readonly scatter: number;
  /** No scatter below it is believed, so that a metronome does not look exact. */
  readonly scatterAtLeast: number;
  /** Samples that the evidence counts as, all of them of a ratio of 1. */
  readonly weight: number;
  /** Weight that is never passed: what came before is forgotten. */
  readonly weightAtMost: number;
}

const priorBlocks = 3;
const fewBlocks = 2;
const blocksAtMost = 30;
const recentKept = 8;
const runs = [2, 4] as const;
/** A run of blocks further off than this, and by so many standard deviations, is a change: older blocks are forgotten. */
const [changeLog, changeDeviations] = [0.1, 5] as const;
/** A block that is further off is the first of a change, and says little of how blocks scatter. */
const scatterTimesAtMost = 16;
/** Fewer samples than this are no change, however far off: short requests end first where a rush begins. */
const changeSamples = 30;

export const beginLogMean = ({ scatter }: LogPrior): LogMean => ({
  mean: 0,
  weight: 0,
  scatter,
  blocks: priorBlocks,
  recent: [],
});

/** Returns the belief after one more block. @param keptShare of the weight of older blocks */
export function addLogBlock(belief: LogMean, block: LogBlock, keptShare: number, prior: LogPrior): LogMean {
  const recent = [...belief.recent, block].slice(-recentKept);
  const changed = changeIn(belief, recent);
  if (changed !== null) {
    return { ...belief, mean: changed.log, weight: changed.weight, recent: recent.slice(-changed.blocks) };
  }
  const kept = Math.min(belief.weight * keptShare, prior.weightAtMost);
  const weight = kept + block.weight;
  const mean = belief.mean + (block.weight / weight) * (block.log - belief.mean);
  if (belief.weight === 0) return { ...belief, mean, weight, recent };
  // The distance of a block from the mean before has the variance of both.
  const squared = (block.log - belief.mean) ** 2 / (1 / block.weight + 1 / Math.max(kept, block.weight));
  const blocks = Math.min(blocksAtMost, belief.blocks + 1);
  const scattered = Math.min(squared, scatterTimesAtMost * belief.scatter);
  const scatter = Math.max(prior.scatterAtLeast, belief.scatter + (scattered - belief.scatter) / blocks);
  return { mean, weight, scatter, blocks, recent };
}

/** Returns whether the newest block was found to be of a change, so that what came before was forgotten. */
export const isChanged = (before: LogMean, now: LogMean): boolean =>
  now.recent.length < Math.min(recentKept, before.recent.length + 1);

/** Returns the belief of a logarithm that is told with so much more from now on. */
export function shiftLogMean(belief: LogMean, by: number): LogMean {
  if (by === 0 || belief.weight === 0) return belief;
  const recent = belief.recent.map(({ log, weight }) => ({ log: log + by, weight }));
  return { ...belief, mean: belief.mean + by, recent };
}

/**
 * The posterior's mean, with the evidence as the prior, and its standard deviation; wider while few blocks tell how much they scatter.
 */
export function posteriorOf(
  { mean, weight, scatter, blocks }: LogMean,
  prior: LogPrior,
): { readonly mean: number; readonly deviation: number } {
  const whole = weight + prior.weight;
  const few = 1 + fewBlocks / (blocks - priorBlocks + 1);
  return { mean: (mean * weight) / whole, deviation: few * Math.sqrt(scatter / whole) };
}

/** The mean of the newest blocks that are too far off all that came before them to be noise; null where none are. */
function changeIn(
  belief: LogMean,
  recent: readonly LogBlock[],
): { readonly log: number; readonly weight: number; readonly blocks: number } | null {
  for (const run of runs) {
    // Something has to have come before.
    if (run >= recent.length) return null;
    const newest = recent.slice(-run);
    // A block of before among them would be taken for one of the change.
    const [above, below] = [
      newest.every(({ log }) => log - belief.mean > changeLog),
      newest.every(({ log }) => belief.mean - log > changeLog),
    ];
    if (!above && !below) continue;
    const older = recent.slice(0, -run);
    const [now, before] = [pooled(newest), pooled(older)];
    if (now.weight < changeSamples) continue;
    const variance = belief.scatter * (1 / now.weight + 1 / Math.max(before.weight, belief.weight / 2));
    const distance = Math.abs(now.log - belief.mean);
    if (distance > changeLog + changeDeviations * Math.sqrt(variance)) return { ...now, blocks: run };
  }
  return null;
}

function pooled(blocks: readonly LogBlock[]): LogBlock {
  let [sum, weight] = [0, 0];
  for (const block of blocks) {
    sum += block.log * block.weight;
    weight += block.weight;
  }
  return { log: sum / weight, weight };
}

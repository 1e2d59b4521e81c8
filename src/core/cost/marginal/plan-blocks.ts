/** A part of the arrivals that is replayed by itself. Milliseconds since the first arrival. */
export interface ReplayBlock {
  /** Replayed from here, so that the scaler knows the traffic when the scored time begins. */
  readonly fromMs: number;
  readonly scoreFromMs: number;
  readonly endMs: number;
}

export interface BlockPlan {
  /** Oldest first; all of the same scored length. */
  readonly blocks: readonly ReplayBlock[];
  /** Draws of starts for each block. */
  readonly seeds: number;
}

const dayMs = 86_400_000;
const leadMs = 3_600_000;
const leadShare = 0.1;
/** Fewer runs say too little about how starts fall. */
const leastRuns = 3;

/**
 * Returns the blocks that arrivals are replayed in. Each has a lead that is replayed and not scored.
 *
 * | arrivals of | blocks | lead | seeds of each, unless asked |
 * |---|---|---|---|
 * | two days and an hour or more | whole days, the last one ending with the arrivals | an hour | 1; 2 with two days |
 * | less | one | the first tenth | 3 |
 *
 * Worked: 50 hours: days from 2 to 26 and from 26 to 50 hours, replayed from hours 1 and 25 on.
 */
export function planBlocks(endMs: number, seedsAsked?: number): BlockPlan {
  const days = Math.floor((endMs - leadMs) / dayMs);
  const blocks =
    days < 2
      ? [{ fromMs: 0, scoreFromMs: leadShare * endMs, endMs }]
      : Array.from({ length: days }, (_, at) => {
          const scoreFromMs = endMs - (days - at) * dayMs;
          return { fromMs: scoreFromMs - leadMs, scoreFromMs, endMs: scoreFromMs + dayMs };
        });
  return { blocks, seeds: seedsAsked ?? Math.ceil(leastRuns / blocks.length) };
}

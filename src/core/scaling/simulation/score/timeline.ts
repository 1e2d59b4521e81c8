/** The simulation at one moment, and what came since the point before. */
export interface TimelinePoint {
  readonly atMs: number;
  /** Of the time since the point before. */
  readonly arrivalsPerSecond: number;
  readonly completionsPerSecond: number;
  /** Requests that ended late or were dropped since the point before. */
  readonly missed: number;
  readonly queueDepth: number;
  readonly inFlight: number;
  readonly pending: number;
  readonly starting: number;
  readonly ready: number;
  readonly draining: number;
  readonly asleep: number;
  readonly desired: number;
}

/** Returns the replicas that are there at a point, in all states. */
export const countHeld = ({ pending, starting, ready, draining, asleep }: TimelinePoint): number =>
  pending + starting + ready + draining + asleep;

/** A decision that changed the desired count; the first one always. */
export interface TimelineDecision {
  readonly atMs: number;
  readonly desired: number;
  readonly reason: string;
}

export interface Timeline {
  readonly points: readonly TimelinePoint[];
  readonly decisions: readonly TimelineDecision[];
  /** Changes beyond the bound, which are not among `decisions`. */
  readonly decisionsLeftOut: number;
}

export const timelineBounds = { points: 2_000, decisions: 4_000 } as const;

/** What a point takes from the moment; the rest is summed by the recorder. */
export type TimelineState = Omit<TimelinePoint, 'arrivalsPerSecond' | 'completionsPerSecond' | 'missed'>;

type Tallied = TimelineState & { readonly arrivals: number; readonly completions: number; readonly missed: number };

/**
 * Points each `everyMs`; when there are too many, every second one goes and the distance doubles, so that a timeline of any
 * length has between a half and the whole of `timelineBounds.points`.
 */
export class TimelineRecorder {
  arrivals = 0;
  completions = 0;
  missed = 0;
  nextAtMs = 0;
  readonly #decisions: TimelineDecision[] = [];
  #everyMs: number;
  #points: Tallied[] = [];
  #desired: number | null = null;
  #leftOut = 0;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  record(state: TimelineState): void {
    const { arrivals, completions, missed } = this;
    this.#points.push({ ...state, arrivals, completions, missed });
    this.arrivals = 0;
    this.completions = 0;
    this.missed = 0;
    if (this.#points.length >= timelineBounds.points) this.#halve();
    this.nextAtMs = (this.#points.at(-1)?.atMs ?? 0) + this.#everyMs;
  }

  decided(atMs: number, desired: number, reason: string): void {
    if (desired === this.#desired) return;
    this.#desired = desired;
    if (this.#decisions.length < timelineBounds.decisions) this.#decisions.push({ atMs, desired, reason });
    else this.#leftOut += 1;
  }

  timeline(): Timeline {
    const points = this.#points.map(({ arrivals, completions, ...point }, index): TimelinePoint => {
      const seconds = (point.atMs - (this.#points[index - 1]?.atMs ?? point.atMs)) / 1_000;
      return {
        ...point,
        arrivalsPerSecond: seconds > 0 ? arrivals / seconds : 0,
        completionsPerSecond: seconds > 0 ? completions / seconds : 0,
      };
    });
    return { points, decisions: this.#decisions, decisionsLeftOut: this.#leftOut };
  }

  /** Keeps the first, the third, ...; what is dropped is counted in the one behind it. */
  #halve(): void {
    const kept: Tallied[] = [];
    let [arrivals, completions, missed] = [0, 0, 0];
    for (const [index, point] of this.#points.entries()) {
      arrivals += point.arrivals;
      completions += point.completions;
      missed += point.missed;
      if (index % 2 === 1 && index < this.#points.length - 1) continue;
      kept.push({ ...point, arrivals, completions, missed });
      [arrivals, completions, missed] = [0, 0, 0];
    }
    this.#points = kept;
    this.#everyMs *= 2;
  }
}

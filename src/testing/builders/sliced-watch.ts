import { explainSeries } from '../../core/monitoring/explain/explain-series.ts';
import { stampTick } from '../../core/monitoring/explain/keep-replay.ts';
import type { ControlFeature, FeatureValue } from '../../core/monitoring/detectors/control-learners.ts';
import { listSlices } from '../../core/monitoring/slices/slice-state.ts';
import {
  emptyDrift,
  type DriftState,
  type DriftTerms,
  type WatchedRow,
} from '../../core/monitoring/watch/drift-state.ts';
import {
  chooseBets,
  chooseBetsOfSlice,
  isChoiceDue,
  listDueSlices,
  observeRow,
  tickDrift,
} from '../../core/monitoring/watch/step-drift.ts';
import type { DriftWindow } from '../../core/monitoring/watch/windows/windows.ts';
import { seededRandom, type Random } from '../../core/statistics/random.ts';

export type RowValues = Readonly<Record<string, FeatureValue>>;

/** A watch as the control plane runs it: rows in, windows kept, bets chosen when due, a write with a tick every 40 rows. */
export class SlicedWatch {
  state: DriftState = emptyDrift;
  readonly windows: DriftWindow[] = [];
  readonly random: Random;
  readonly features: readonly ControlFeature[];
  readonly inputGroups: readonly string[];
  terms: DriftTerms;
  nowMs = 0;

  constructor(features: readonly ControlFeature[], inputGroups: readonly string[], terms: DriftTerms, seed = 7) {
    this.features = features;
    this.inputGroups = inputGroups;
    this.terms = terms;
    this.random = seededRandom(seed);
  }

  /** Rows that one call draws each, 50 ms apart; it ends early where `until` says so. */
  feed(rows: number, draw: (random: Random) => RowValues, until: () => boolean = () => false): number {
    const { features, inputGroups } = this;
    let batch: DriftWindow[] = [];
    for (let at = 0; at < rows; at += 1) {
      this.nowMs += 50;
      const row: WatchedRow = {
        ...{
          requestId: String(at),
          atMs: this.nowMs,
          release: this.terms.release,
          replicaId: 'a',
          features,
          inputGroups,
        },
        ...{ isAnswered: true, control: null, unit: null, values: draw(this.random) },
      };
      const { state, closed, ofSlices } = observeRow(this.state, row, this.terms);
      this.state = state;
      if (closed !== null) batch.push(closed);
      batch.push(...ofSlices);
      if (closed !== null || ofSlices.length > 0) this.#choose(batch);
      if (this.nowMs % 2_000 !== 0) continue;
      this.windows.push(...stampTick(batch, this.state, this.nowMs, this.terms));
      batch = [];
      this.state = tickDrift(this.state, this.nowMs, this.terms).state;
      if (until()) return at + 1;
    }
    this.windows.push(...batch);
    return rows;
  }

  /** Another watch that goes on from here with rows of its own, by what was written down. */
  fork(terms: DriftTerms = this.terms): SlicedWatch {
    const other = new SlicedWatch(this.features, this.inputGroups, terms, 11);
    other.state = JSON.parse(JSON.stringify(this.state)) as DriftState;
    other.windows.push(...this.windows);
    other.nowMs = this.nowMs;
    return other;
  }

  /** What differs between the live state and a replay of the kept windows, by series; null where nothing does. */
  differences(): readonly (string | null)[] {
    const { state } = this;
    return [
      { history: state, slot: undefined },
      ...listSlices(state.slices).map((history) => ({ history, slot: history.slot })),
    ].flatMap(({ history, slot }) =>
      history.series.map(
        (one) =>
          explainSeries(
            state,
            one,
            this.windows.filter((window) => window.slot === slot),
            history,
          ).difference,
      ),
    );
  }

  #choose(batch: readonly DriftWindow[]): void {
    const windowsOf = (slot: number | undefined): readonly DriftWindow[] =>
      [...this.windows, ...batch].filter((window) => window.slot === slot);
    if (isChoiceDue(this.state)) this.state = chooseBets(this.state, windowsOf(undefined));
    for (const { slot } of listDueSlices(this.state)) this.state = chooseBetsOfSlice(this.state, slot, windowsOf(slot));
  }
}

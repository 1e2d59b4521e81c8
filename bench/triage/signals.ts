import type { ControlFeature, FeatureValue } from '../../src/core/monitoring/detectors/control-learners.ts';
import type { ReferenceSummary } from '../../src/core/monitoring/features/reference.ts';
import type { EngineFault } from '../../src/model-server/faulty-engine.ts';

/** What clients send: digits as they are, inverted, or moved to one side. */
export const sentKinds = ['usual', 'invert', 'shift'] as const;
export type SentKind = (typeof sentKinds)[number];
export type EngineState = 'good' | EngineFault;

export type SignalValues = Readonly<Record<string, FeatureValue>>;
export type SignalRows = Readonly<Record<SentKind, readonly SignalValues[]>>;

/** What one model answered, as the watch reads it; a row of each list is of one image. */
export interface RecordedModel {
  readonly features: readonly ControlFeature[];
  readonly reference: ReferenceSummary;
  readonly good: SignalRows;
  readonly faulty: Partial<Record<EngineState, SignalRows>>;
  /** Whether the golden set is reproduced. */
  readonly passes: Partial<Record<EngineState, boolean>>;
  /** Share of wrong answers to the usual images. */
  readonly riskShare: number;
}

export interface Signals {
  /** What each image shows. */
  readonly labels: readonly number[];
  readonly older: RecordedModel;
  readonly newer: RecordedModel;
}

export const rowsOf = ({ good, faulty }: RecordedModel, state: EngineState): SignalRows =>
  (state === 'good' ? good : faulty[state]) ?? good;

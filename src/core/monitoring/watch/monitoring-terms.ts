import type { Contract, FeatureProgram, OnAlarm, Protocol } from '../../contract/contract.ts';
import { defaults, effectiveCapture } from '../../contract/defaults.ts';
import { featuresVersion, type ReferenceSummary } from '../features/reference.ts';
import { defaultTolerance, type DistanceTolerance } from '../distance/distance-measures.ts';
import type { FleetShare } from '../alarms/fleet-share.ts';
import type { ArtifactFile } from '../../registry/model-version.ts';
import { digestOf, type Digest } from '../../units/digest.ts';
import { readRedaction, type Redaction } from '../samples/redact.ts';
import type { DriftTerms } from './drift-state.ts';

/** Programs of a release that compute features, with their files by digest. */
export interface CustomSet {
  /** Of what computes the features. */
  readonly digest: Digest;
  readonly programs: readonly FeatureProgram[];
  readonly files: readonly ArtifactFile[];
  /** Why none of them runs here; null where they run. */
  readonly refused: string | null;
}

/** What the contract of the live release says of watching its answers. */
export interface MonitoringTerms extends DriftTerms {
  readonly protocol: Protocol;
  readonly redaction: Redaction;
  /** Whether bodies are kept, and how long what is kept of a request stays. */
  readonly content: boolean;
  readonly retentionMs: number;
  readonly tolerance: DistanceTolerance;
  /** The rows that the evaluation evidence is of, with their digest; null where they are not known. */
  readonly reference: { readonly digest: Digest; readonly summary: ReferenceSummary } | null;
  /** Programs that compute more features; left out where the contract names none. */
  readonly custom?: CustomSet;
  /** Whether the contract asks for labels, so that answers are kept until theirs come. */
  readonly awaitsLabels: boolean;
  /** What the watch does by itself; absent where it tells people and does nothing. */
  readonly onAlarm?: OnAlarm;
}

/** Null where nothing is captured. */
export function monitoringTermsOf(
  contract: Contract,
  release: number,
  reference: ReferenceSummary | null,
  fleet: FleetShare | null,
  custom: CustomSet | null,
): MonitoringTerms | null {
  const capture = effectiveCapture(contract);
  if (capture === null) return null;
  const { content, retentionMs, redact, sampleShare, controlShare } = capture;
  const windowMs = contract.monitoring?.windowMs ?? defaults.driftWindowMs;
  const { protocol } = contract.code;
  return {
    release,
    rate: contract.monitoring?.falseAlarms ?? null,
    fleet,
    ...(custom === null ? {} : { custom }),
    windowMs,
    ...(contract.monitoring?.slices === undefined ? {} : { slices: contract.monitoring.slices }),
    // Which requests are captured, and what is read of them.
    inputsOf: digestOf({ windowMs, sampleShare, controlShare, redact, protocol, featuresVersion }),
    protocol,
    redaction: readRedaction(redact),
    content,
    retentionMs,
    tolerance: contract.monitoring?.tolerance ?? defaultTolerance,
    reference: reference === null ? null : { digest: digestOf(reference), summary: reference },
    awaitsLabels: contract.monitoring?.labels !== undefined,
    ...(contract.monitoring?.onAlarm === undefined ? {} : { onAlarm: contract.monitoring.onAlarm }),
  };
}

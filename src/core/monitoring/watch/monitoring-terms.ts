import type { Contract, Protocol } from '../../contract/contract.ts';
import { defaults, effectiveCapture } from '../../contract/defaults.ts';
import { readRedaction, type Redaction } from '../samples/redact.ts';
import type { DriftTerms } from './drift-state.ts';

/** What the contract of the live release says of watching its answers. */
export interface MonitoringTerms extends DriftTerms {
  readonly protocol: Protocol;
  readonly redaction: Redaction;
  /** Whether bodies are kept, and how long what is kept of a request stays. */
  readonly content: boolean;
  readonly retentionMs: number;
}

/** Null where nothing is captured. */
export function monitoringTermsOf(contract: Contract, release: number): MonitoringTerms | null {
  const capture = effectiveCapture(contract);
  if (capture === null) return null;
  const { content, retentionMs, redact } = capture;
  return {
    release,
    rate: contract.monitoring?.falseAlarms ?? null,
    windowMs: contract.monitoring?.windowMs ?? defaults.driftWindowMs,
    protocol: contract.code.protocol,
    redaction: readRedaction(redact),
    content,
    retentionMs,
  };
}

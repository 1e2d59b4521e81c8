import type { CapturedSample } from '../../core/monitoring/samples/sample.ts';
import type { ReplicaHeaders } from '../admission/message-headers.ts';
import type { CapturedBody } from './captured-body.ts';

/** A captured request that is over, as it is handed on: bodies and headers by reference. */
export interface FinishedCapture extends Omit<CapturedSample, 'request' | 'response' | 'unit'> {
  /** Value of the sticky key; null without one. */
  readonly stickyKey: string | null;
  readonly request: CapturedMessage;
  readonly response: CapturedMessage;
}

export interface CapturedMessage {
  readonly headers: ReplicaHeaders;
  readonly body: CapturedBody;
}

/** Where the captured requests of one service go. */
export interface CaptureSink {
  /** Must not throw and must not wait; a sink that falls behind drops, and counts it. */
  offer(capture: FinishedCapture): void;
  /** Bytes that it may hold on disk. */
  limit(spoolBytes: number): void;
  /** Since the start of the process. */
  readonly counts: CaptureCounts;
}

export interface CaptureCounts {
  /** Written to the spool. */
  readonly captured: number;
  /** Lost: the spool was full or could not be written, or the control plane refused them. */
  readonly dropped: number;
}

/** The sinks of a gateway process. */
export interface CaptureSinks {
  of(owner: { readonly service: string; readonly environment: string }): CaptureSink;
  /** The service is gone: so is what was captured of it. */
  forget(owner: { readonly service: string; readonly environment: string }): void;
}

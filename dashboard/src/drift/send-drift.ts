import type { DriftSample } from '../../../src/core/monitoring/samples/drift-sample.ts';
import type {
  AcknowledgeDriftRequest,
  DriftAnswer,
  DriftSamplesAnswer,
} from '../../../src/schemas/http/monitoring/http-drift.ts';
import { ofService } from '../frame/address.ts';
import { writeHeaders } from '../frame/page-session.ts';

const timeoutMs = 15_000;

/** Not done: why, and what to do next. */
export interface Refusal {
  readonly message: string;
  readonly next: string | null;
}

export type AcknowledgeOutcome = { readonly answer: DriftAnswer } | { readonly refused: Refusal };

/** Never rejects: a refusal is an outcome in words. */
export async function sendAcknowledge(request: AcknowledgeDriftRequest): Promise<AcknowledgeOutcome> {
  const outcome = await ask<DriftAnswer>('v1/drift/acknowledge', {
    method: 'POST',
    headers: writeHeaders(),
    body: JSON.stringify(request),
  });
  return 'refused' in outcome ? outcome : { answer: outcome.told };
}

export type SamplesOutcome = { readonly samples: readonly DriftSample[] } | { readonly refused: Refusal };

/** The newest captured requests, newest first. Never rejects. */
export async function askSamples(last: number): Promise<SamplesOutcome> {
  const outcome = await ask<DriftSamplesAnswer>(`v1/drift/samples?last=${last}`, { headers: writeHeaders() });
  return 'refused' in outcome ? outcome : { samples: outcome.told.samples.toReversed() };
}

async function ask<T>(
  path: string,
  options: RequestInit,
): Promise<{ readonly told: T } | { readonly refused: Refusal }> {
  try {
    const response = await fetch(ofService(path), { ...options, signal: AbortSignal.timeout(timeoutMs) });
    const payload: unknown = await response.json().catch(() => null);
    return response.ok ? { told: payload as T } : { refused: refusalOf(response.status, payload) };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    return {
      refused: isLate
        ? {
            message: `No answer within ${timeoutMs / 1000} s: look before you ask again, it may have been done.`,
            next: null,
          }
        : { message: 'The control plane cannot be reached.', next: 'plimsoll up' },
    };
  }
}

/** What a refusal says, whatever its form. */
export function refusalOf(status: number, payload: unknown): Refusal {
  const { message, next } = ((payload ?? {}) as { readonly error?: { message?: unknown; next?: unknown } }).error ?? {};
  return {
    message: typeof message === 'string' ? message : `the control plane answered with status ${status}`,
    next: typeof next === 'string' ? next : null,
  };
}

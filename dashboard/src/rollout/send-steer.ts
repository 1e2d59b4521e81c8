import type { SteerAction } from '../../../src/core/rollout/deployment/steer.ts';
import { ofService } from '../frame/address.ts';
import { writeHeaders } from '../frame/page-session.ts';

const steerTimeoutMs = 15_000;

export type SteerOutcome =
  | { readonly done: true; readonly summary: string }
  | { readonly done: false; readonly message: string; readonly next: string | null };

/**
 * Asks the control plane to pause, resume, promote or abort. It names the release that the person looked at, so that another
 * one which came meanwhile is left alone. Never rejects: a refusal is an outcome in words.
 */
export async function sendSteer(action: SteerAction, release: number, reason: string): Promise<SteerOutcome> {
  try {
    const response = await fetch(ofService(`v1/rollout/${action}`), {
      method: 'POST',
      headers: writeHeaders(),
      body: JSON.stringify({ release, reason }),
      signal: AbortSignal.timeout(steerTimeoutMs),
    });
    return steerOutcome(response.status, await response.json().catch(() => null));
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    return {
      done: false,
      message: late
        ? `No answer within ${steerTimeoutMs / 1000} s: look at the track before you ask again, it may have been done.`
        : 'The control plane cannot be reached, so that nothing was asked of it. The judge stands still as well.',
      next: late ? null : 'plimsoll up',
    };
  }
}

/** What an answer says, whatever its form. */
export function steerOutcome(status: number, payload: unknown): SteerOutcome {
  const answer = (payload ?? {}) as {
    readonly summary?: unknown;
    readonly error?: { readonly message?: unknown; readonly next?: unknown };
  };
  if (status >= 200 && status < 300) {
    return { done: true, summary: typeof answer.summary === 'string' ? answer.summary : 'done' };
  }
  const { message, next } = answer.error ?? {};
  return {
    done: false,
    message: typeof message === 'string' ? message : `the control plane answered with status ${status}`,
    next: typeof next === 'string' ? next : null,
  };
}

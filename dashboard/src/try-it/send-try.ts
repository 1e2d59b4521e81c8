import { outcomeOf, type TryOutcome } from './infer-answer.ts';
import { ofService } from '../frame/address.ts';
import { writeHeaders } from '../frame/page-session.ts';

const tryTimeoutMs = 30_000;

/** Sends one request through the control plane to the gateway. Never rejects: a failure is an outcome in words. */
export async function sendTry(body: string): Promise<TryOutcome> {
  try {
    const response = await fetch(ofService('v1/try'), {
      method: 'POST',
      headers: writeHeaders(),
      body,
      signal: AbortSignal.timeout(tryTimeoutMs),
    });
    const payload: unknown = await response.json().catch(() => null);
    return outcomeOf(response.status, payload);
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    return {
      kind: 'failure',
      answer: null,
      failure: late
        ? { title: 'Took too long', detail: `No answer within ${tryTimeoutMs / 1000} s.`, next: null }
        : {
            title: 'The control plane cannot be reached',
            detail: 'The request was not sent. Gateways may still serve their own clients.',
            next: 'plimsoll up',
          },
    };
  }
}

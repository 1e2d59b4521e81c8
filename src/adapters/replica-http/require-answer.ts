import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaAnswer } from './bounded-request.ts';

/** 4xx is the server's no to this very input; 5xx and too many requests say nothing about the input. */
export function requireAnswer(answer: ReplicaAnswer, url: URL): void {
  if (answer.status === 200) return;
  const words = serverWords(answer.body);
  const busy = answer.status >= 500 || answer.status === 408 || answer.status === 429;
  throw new PlimsollError({
    code: busy ? 'replica-unreachable' : 'replica-refused',
    category: busy ? 'unavailable' : 'refused',
    message: `the replica at ${url.origin} answered ${answer.status}: ${words}`,
    next: nextStep(adapterSteps, 'replica-unreachable+replica-refused'),
    details: { endpoint: url.origin, status: answer.status },
  });
}

/**
 * What an answer with status 200 says. One that cannot be read is the server's fault, and never that of whoever asked.
 * @throws PlimsollError `response-invalid` (unavailable), with what cannot be read.
 */
export function readAnswer<T>(url: URL, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw new PlimsollError({
      code: 'response-invalid',
      category: 'unavailable',
      message: `the replica at ${url.origin} answers ${url.pathname} with 200, and not as its protocol says: ${asPlimsollError(thrown).message}`,
      next: nextStep(adapterSteps, 'response-invalid'),
      details: { endpoint: url.origin },
      cause: thrown,
    });
  }
}

/** The Open Inference Protocol's `{"error": "..."}`, or the beginning of whatever else came. */
function serverWords(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, 2_000)).trim();
  const match = /^\{\s*"error"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}$/.exec(text);
  return match?.[1] === undefined ? text.slice(0, 300) || '(an empty body)' : String(JSON.parse(match[1]));
}

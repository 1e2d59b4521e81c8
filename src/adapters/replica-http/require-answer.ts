import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
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

/** The Open Inference Protocol's `{"error": "..."}`, or the beginning of whatever else came. */
function serverWords(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, 2_000)).trim();
  const match = /^\{\s*"error"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}$/.exec(text);
  return match?.[1] === undefined ? text.slice(0, 300) || '(an empty body)' : String(JSON.parse(match[1]));
}

import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { watchedViewSchema, type WatchedView } from '../../schemas/view/watched-view.ts';

const timeoutMs = 5_000;
const mostBytes = 8 * 1024 * 1024;

/** Asks a control plane for its evidence table. @throws PlimsollError `watch-unreachable`, `watch-invalid` (unavailable). */
export async function askWatch(url: string, token: string | undefined, signal: AbortSignal): Promise<WatchedView> {
  const target = viewUrl(url);
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(target, { headers, signal: bounded, redirect: 'error' }).catch((cause: unknown) => {
    throw unreachable(url, 'no answer', cause);
  });
  if (!response.ok) throw unreachable(url, `status ${response.status}`);
  const text = await boundedText(response, url);
  const result = watchedViewSchema.safeParse(parsed(text));
  if (result.success) return result.data;
  throw unreachable(url, 'the answer is no view of a control plane', result.error);
}

/** The rows for one environment of this service; none where the control plane watches another. */
export function watchedRows(view: WatchedView | null, service: string, environment: string): readonly EvidenceState[] {
  return view !== null && view.service === service && view.environment === environment ? view.evidence : [];
}

function viewUrl(url: string): URL {
  const target = URL.parse('/v1/view', url);
  if (target !== null && /^https?:$/.test(target.protocol)) return target;
  throw new PlimsollError({
    code: 'watch-url',
    category: 'input',
    message: `\`${url}\` is no address of a control plane`,
    next: nextStep(proveSteps, 'watch-url'),
  });
}

async function boundedText(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw unreachable(url, `the answer is larger than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(url: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'watch-unreachable',
    category: 'unavailable',
    message: `the control plane at ${url} could not be asked: ${why}`,
    next: nextStep(proveSteps, 'watch-unreachable'),
    cause,
  });
}

import type { IncomingMessage } from 'node:http';
import type { Protocol } from '../../core/contract/contract.ts';
import type { ServiceKeys } from './client-keys.ts';
import { allowedMethods, type RefusalCode } from './refusal.ts';
import { forwardTarget } from './request-target.ts';

export interface Admitted {
  /** Origin form, with the query. */
  readonly path: string;
  readonly deadlineMs: number;
  /** 0: no body; -1: chunked, of unknown length. */
  readonly bodyBytes: number;
  /** Name of the client key; null where none is asked for. */
  readonly clientKey: string | null;
}

export interface AdmissionRules {
  readonly protocol: Protocol;
  readonly clientKeys: ServiceKeys | null;
  readonly deadlineMs: number;
  readonly maxDeadlineMs: number;
  readonly maxBodyBytes: number;
}

/** Where a body means nothing (RFC 9110 9.3): a replica that reads none would take it for the next request on its connection. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const methods: ReadonlySet<string> = new Set(allowedMethods);

/** Judges the head of a request; the body is not looked at, and nothing is answered. */
export function admit(req: IncomingMessage, rules: AdmissionRules): Admitted | RefusalCode {
  const { headers } = req;
  if (!methods.has(req.method ?? '')) return 'method-refused';
  // `h2c` is an offer that may be passed over; a websocket is a different protocol.
  if (headers.upgrade !== undefined && headers.upgrade.toLowerCase() !== 'h2c') return 'upgrade-refused';
  const target = forwardTarget(req.url ?? '', rules.protocol);
  if ('refused' in target) return target.refused;
  const key = rules.clientKeys === null ? null : rules.clientKeys.find(headers.authorization);
  if (key !== null && 'refused' in key) return key.refused;
  const deadlineMs = askedDeadline(headers['plimsoll-deadline-ms'], rules);
  if (deadlineMs === null) return 'deadline-invalid';
  const bodyBytes = announcedBytes(req);
  if (typeof bodyBytes === 'string') return bodyBytes;
  if (bodyBytes !== 0 && bodiless.has(req.method ?? '')) return 'body-unexpected';
  if (bodyBytes > rules.maxBodyBytes) return 'body-too-large';
  return { path: target.path, deadlineMs, bodyBytes, clientKey: key === null ? null : key.name };
}

/**
 * Why nobody can say where a request ends, or whom it is for, whatever else it asks; null where that is plain. Looked at before anything else:
 * whatever refuses a request may leave its connection open. Node's parser takes 0.9, also for a line without a version, and 2.0.
 */
export function headProblem(req: IncomingMessage): RefusalCode | null {
  if (req.httpVersion !== '1.1' && req.httpVersion !== '1.0') return 'not-http';
  if (!hasOneHost(req)) return 'host-invalid';
  const bodyBytes = announcedBytes(req);
  return typeof bodyBytes === 'string' ? bodyBytes : null;
}

/**
 * Exactly one Host field, as RFC 9112 3.2 asks of every HTTP/1.1 request: with two of them this hop and the next could
 * mean different ones. Node's parser keeps the first and drops the rest without a word.
 */
function hasOneHost({ rawHeaders, httpVersionMinor }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && httpVersionMinor === 0);
}

function askedDeadline(asked: string | string[] | undefined, rules: AdmissionRules): number | null {
  if (asked === undefined) return rules.deadlineMs;
  if (typeof asked !== 'string' || !/^[1-9]\d{0,9}$/.test(asked)) return null;
  return Math.min(Number(asked), rules.maxDeadlineMs);
}

/** Node's parser refuses most ambiguous lengths itself; what is left is refused here (RFC 9112 6.3). */
function announcedBytes(req: IncomingMessage): number | RefusalCode {
  const coding = req.headers['transfer-encoding'];
  const length = req.headers['content-length'];
  if (coding === undefined) return length === undefined ? 0 : wholeNumber(length);
  if (length !== undefined || req.httpVersionMinor === 0) return 'framing-invalid';
  return coding.toLowerCase() === 'chunked' ? -1 : 'coding-unknown';
}

function wholeNumber(text: string): number | RefusalCode {
  return /^\d{1,15}$/.test(text) ? Number(text) : 'framing-invalid';
}

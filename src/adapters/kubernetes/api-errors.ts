import { PlimsollError, type ErrorCategory } from '../../core/units/errors.ts';

const rights =
  'kubectl auth can-i list nodes; a ClusterRole with get and list on nodes and on resourceslices.resource.k8s.io is enough';
const byFile = 'kubectl get nodes,resourceslices -o json > nodes.json, and name that file';

/**
 * What the API server refused.
 *
 * | status | code | category |
 * |---|---|---|
 * | 401 | `cluster-unauthorized` | unauthorized |
 * | 403 | `cluster-forbidden` | unauthorized |
 * | 429 | `cluster-busy` | overloaded |
 * | 5xx | `cluster-failed` | unavailable |
 * | any other | `cluster-answer-invalid` | unavailable |
 */
export function answerError(status: number, body: string, url: URL, retryAfter?: string): PlimsollError {
  const said = messageOf(body);
  const details = { status, server: url.host, path: url.pathname };
  const make = (code: string, category: ErrorCategory, message: string, next: string): PlimsollError =>
    new PlimsollError({ code, category, message: `${message}${said === '' ? '' : `: ${said}`}`, next, details });
  const what = `${url.host} for ${url.pathname}`;
  if (status === 401) {
    const next = 'log in to the cluster again, then try kubectl get nodes';
    return make('cluster-unauthorized', 'unauthorized', `the credentials are not accepted by ${what} (401)`, next);
  }
  if (status === 403) return make('cluster-forbidden', 'unauthorized', `no right to list at ${what} (403)`, rights);
  if (status === 429) {
    const next = `try again ${retryAfter === undefined ? 'later' : `after ${retryAfter} s`}`;
    return make('cluster-busy', 'overloaded', `too many requests to ${what} (429)`, next);
  }
  if (status >= 500) return make('cluster-failed', 'unavailable', `an error of ${what} (${status})`, byFile);
  return make(
    'cluster-answer-invalid',
    'unavailable',
    `an answer that is not the API's from ${what} (${status})`,
    byFile,
  );
}

/** The message of a v1 Status; text of another server in short. */
function messageOf(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message).slice(0, 500);
    return '';
  } catch {
    return body.slice(0, 200).replaceAll(/\s+/g, ' ').trim();
  }
}

export function answerInvalid(url: URL, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'cluster-answer-invalid',
    category: 'unavailable',
    message: `the answer of ${url.host} for ${url.pathname} cannot be used: ${why}`,
    next: byFile,
    cause,
  });
}

export function timedOut(url: URL, timeoutMs: number, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'cluster-timeout',
    category: 'unavailable',
    message: `no whole answer of ${url.host} for ${url.pathname} within ${timeoutMs / 1000} s`,
    next: `kubectl get --raw ${url.pathname}?limit=1; or ${byFile}`,
    cause,
  });
}

const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/;

/** What the network or TLS refused. */
export function requestError(thrown: unknown, url: URL): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === '') return thrown;
  if (certificateCode.test(code)) {
    return new PlimsollError({
      code: 'cluster-tls',
      category: 'unavailable',
      message: `the TLS connection to ${url.host} is not trusted or not possible (${code})`,
      next: 'kubectl config view shows certificate-authority and server of the context',
      cause: thrown,
    });
  }
  return new PlimsollError({
    code: 'cluster-unreachable',
    category: 'unavailable',
    message: `${url.host} cannot be reached (${code})`,
    next: `kubectl cluster-info; or ${byFile}`,
    cause: thrown,
  });
}

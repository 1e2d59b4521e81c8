import type { KubeConfig } from '@kubernetes/client-node';
import { authenticated, bodyOf, send, unlessAborted, urlOf } from './api/api-connection.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { answerError, answerInvalid, requestError, timedOut } from './api-errors.ts';

/** Five hundred nodes with all of their images are a fifth of this. */
const mostAnswerBytes = 64 * 1024 * 1024;

export interface ApiLimits {
  /** For one answer, from the request to its last byte. */
  readonly timeoutMs: number;
  readonly mostAnswerBytes: number;
}
export const apiLimits: ApiLimits = { timeoutMs: 30_000, mostAnswerBytes };

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One GET to the API server of the kubeconfig's current context. Never another method, and no redirect is followed. */
export type ApiGet = (path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<ApiAnswer>;

/** Answers with 2xx, 404 and 410; every other status is thrown as one of ours. */
export function makeApiGet(config: KubeConfig, limits: ApiLimits = apiLimits): ApiGet {
  const server = config.getCurrentCluster()?.server ?? '';
  return async (path, query, signal) => {
    const url = urlOf(server, path, query);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]);
    try {
      const options = await unlessAborted(authenticated(config, url), limit);
      const response = await send(url, { ...options, method: 'GET', signal: limit });
      const text = await bodyOf(response, url, limits.mostAnswerBytes);
      const status = response.statusCode ?? 0;
      if ((status >= 200 && status < 300) || status === 404 || status === 410) {
        return { status, body: parse(text, url, status) };
      }
      throw answerError(status, text, url, response.headers['retry-after']);
    } catch (thrown) {
      if (signal.aborted) throw asPlimsollError(signal.reason);
      if (limit.aborted) throw timedOut(url, limits.timeoutMs, thrown);
      throw thrown instanceof PlimsollError ? thrown : requestError(thrown, url);
    }
  };
}

function parse(text: string, url: URL, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (status === 404) return null;
    throw answerInvalid(url, `it is no JSON: ${text.slice(0, 80).replaceAll(/\s+/g, ' ')}`, cause);
  }
}

import type { IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { answerError, answerInvalid, requestError, timedOut } from './api-errors.ts';

const http = process.getBuiltinModule('node:http');

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

/** A server may stand under a path of its host, as behind Rancher. */
function urlOf(server: string, path: string, query: Readonly<Record<string, string>>): URL {
  try {
    const url = new URL(`${server.replace(/\/+$/, '')}${path}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  } catch {
    // Told below: it is the same mistake.
  }
  throw new PlimsollError({
    code: 'kubeconfig-invalid',
    category: 'input',
    message: `the kubeconfig names the server \`${server.slice(0, 200)}\`, which is no http(s) address`,
    next: 'kubectl config view',
  });
}

/** A program that the kubeconfig names for credentials may hang, or wait for somebody to log in. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function authenticated(config: KubeConfig, url: URL): Promise<RequestOptions> {
  const options: RequestOptions = { headers: { accept: 'application/json' } };
  try {
    await config.applyToHTTPSOptions(options);
    return options;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PlimsollError({
      code: 'kubeconfig-invalid',
      category: 'input',
      message: `the credentials of the kubeconfig for ${url.host} cannot be used: ${reason.slice(0, 500)}`,
      next: 'kubectl get nodes shows whether kubectl can use them',
      cause,
    });
  }
}

function send(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(url, options, resolve);
    request.on('error', reject);
    request.end();
  });
}

async function bodyOf(response: IncomingMessage, url: URL, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      response.destroy();
      throw answerInvalid(url, `it is larger than ${mostBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string, url: URL, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (status === 404) return null;
    throw answerInvalid(url, `it is no JSON: ${text.slice(0, 80).replaceAll(/\s+/g, ' ')}`, cause);
  }
}

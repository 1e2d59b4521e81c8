import type { IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { PlimsollError } from '../../../core/units/errors.ts';
import { answerInvalid } from '../api-errors.ts';

const http = process.getBuiltinModule('node:http');

/** A server may stand under a path of its host, as behind Rancher. */
export function urlOf(server: string, path: string, query: Readonly<Record<string, string>>): URL {
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
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

export async function authenticated(config: KubeConfig, url: URL): Promise<RequestOptions> {
  // The keys of tokens are of a type of their own, application/jwk-set+json, and are refused to whoever takes no other.
  const options: RequestOptions = { headers: { accept: 'application/json, */*;q=0.1' } };
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

/** As `authenticated`, over connections that stay open; one that leads over a proxy is left as it is. */
export async function keptAlive(config: KubeConfig, url: URL, kept: Map<object, https.Agent>): Promise<RequestOptions> {
  const options = await authenticated(config, url);
  const { agent } = options;
  if (!(agent instanceof https.Agent) || agent.constructor !== https.Agent) return options;
  const own = kept.get(agent) ?? new https.Agent({ ...agent.options, keepAlive: true });
  kept.set(agent, own);
  return { ...options, agent: own };
}

export function send(url: URL, options: RequestOptions, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(url, options, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

export async function bodyOf(response: IncomingMessage, url: URL, mostBytes: number): Promise<string> {
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

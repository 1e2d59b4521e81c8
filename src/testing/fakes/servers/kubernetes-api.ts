import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const fixtures = path.resolve(import.meta.dirname, '../../../adapters/kubernetes/fixtures');
export const certificateFile = path.join(fixtures, 'localhost.crt');

/** What an API server is told to do. Lists are served in pages as the real one does, with its continue tokens. */
export interface ApiScript {
  readonly nodes?: readonly object[];
  readonly slices?: readonly object[];
  /** Versions of resource.k8s.io; none: the group is not there. */
  readonly sliceVersions?: readonly string[];
  /** Only requests with this bearer token are answered. */
  readonly token?: string;
  /** Of one page, whatever is asked for. */
  readonly mostPerPage?: number;
  /** Takes the request when it returns true; the rest is served as said above. */
  readonly instead?: ((url: URL, response: ServerResponse, request: IncomingMessage) => boolean) | undefined;
}

export interface ScriptedApi {
  readonly server: string;
  /** Method and path with its query of every request so far. */
  readonly requests: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The read side of the Kubernetes API on loopback, and a kubeconfig for it. */
export async function startScriptedApi(
  script: ApiScript,
  options: { readonly tls?: 'trusted' | 'untrusted' } = {},
): Promise<ScriptedApi> {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    if (script.instead?.(url, response, request) !== true) answer(script, url, request, response);
  };
  const key = { cert: readFileSync(certificateFile), key: readFileSync(path.join(fixtures, 'localhost.key')) };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(key, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-kubeconfig-'));
  const file = path.join(folder, 'config');
  writeFileSync(file, kubeconfigText(address, options.tls, script.token ?? 'secret'));
  return {
    server: address,
    requests,
    env: { KUBECONFIG: file, HOME: folder },
    async close() {
      rmSync(folder, { recursive: true, force: true });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function kubeconfigText(server: string, tls: 'trusted' | 'untrusted' | undefined, token: string): string {
  const trust = {
    trusted: { 'certificate-authority': certificateFile },
    untrusted: {},
    none: { 'insecure-skip-tls-verify': true },
  }[tls ?? 'none'];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster: { server, ...trust } }],
    users: [{ name: 'reader', user: { token } }],
    contexts: [
      { name: 'lab', context: { cluster: 'lab', user: 'reader' } },
      { name: 'broken', context: { cluster: 'gone', user: 'reader' } },
    ],
  });
}

function answer(script: ApiScript, url: URL, request: IncomingMessage, response: ServerResponse): void {
  if (script.token !== undefined && request.headers.authorization !== `Bearer ${script.token}`) {
    return sendStatus(response, 401, 'Unauthorized');
  }
  const versions = script.sliceVersions ?? ['v1'];
  const slicePath = /^\/apis\/resource\.k8s\.io\/(\w+)\/resourceslices$/.exec(url.pathname);
  if (url.pathname === '/api/v1/nodes') return sendPage(script.nodes ?? [], 'NodeList', script, url, response);
  if (url.pathname === '/apis/resource.k8s.io' && versions.length > 0) {
    const groups = versions.map((version) => ({ groupVersion: `resource.k8s.io/${version}`, version }));
    return sendJson(response, 200, { kind: 'APIGroup', apiVersion: 'v1', name: 'resource.k8s.io', versions: groups });
  }
  if (slicePath !== null && versions.includes(slicePath[1] ?? '')) {
    return sendPage(script.slices ?? [], 'ResourceSliceList', script, url, response);
  }
  return sendStatus(response, 404, 'the server could not find the requested resource');
}

function sendPage(all: readonly object[], kind: string, script: ApiScript, url: URL, response: ServerResponse): void {
  const asked = Number(url.searchParams.get('limit') ?? all.length);
  const start = Number(url.searchParams.get('continue') ?? 0);
  const items = all.slice(start, start + Math.min(asked, script.mostPerPage ?? asked));
  const next = start + items.length < all.length ? { continue: String(start + items.length) } : {};
  sendJson(response, 200, { kind, apiVersion: 'v1', metadata: { resourceVersion: '7', ...next }, items });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** As the API server writes its errors. */
export function sendStatus(response: ServerResponse, status: number, message: string, reason = ''): void {
  sendJson(response, status, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code: status });
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeClusterReader } from '../adapters/kubernetes/cluster-reader.ts';
import { kubeconfigText } from '../testing/fakes/servers/kubernetes-api.ts';
import { patient } from '../testing/fakes/servers/pushable-artifacts.ts';
import { openMetricsSource } from './open/open-metrics-source.ts';
import { openModelRegistry, openRemotePlace } from './open/artifacts/open-model-registry.ts';

const { signal } = new AbortController();
const clock = patient();

class LoopbackServer {
  readonly heard: IncomingHttpHeaders[] = [];
  readonly #server: Server;

  /** Redirects everything there, with this status; null answers 200. */
  constructor(redirect: { readonly status: number; readonly to: () => string } | null) {
    this.#server = createServer((request, response) => {
      this.heard.push(request.headers);
      if (redirect === null) response.end('{}');
      else response.writeHead(redirect.status, { location: `${redirect.to()}${request.url}` }).end();
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-redirects-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const asking: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  MLflow: async (url) => {
    const env = { MLFLOW_TRACKING_TOKEN: 't0ken' };
    const registry = await openModelRegistry({ clock, env, signal }, { kind: 'mlflow', url, location: url } as never);
    return registry.names(signal).finally(() => registry.close());
  },
  S3: (url) => {
    const env = {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_SESSION_TOKEN: 't0ken',
    };
    return openRemotePlace({ clock, env, signal }, 's3://bucket/models');
  },
  Prometheus: async (url) => {
    const env = { PLIMSOLL_PROMETHEUS_URL: url, PLIMSOLL_PROMETHEUS_TOKEN: 't0ken' };
    const source = await openMetricsSource({ clock, env });
    const replica = { replicaId: 'r', endpoint: 'http://10.0.0.1:8000' };
    return source.read([replica], signal).finally(() => source.close());
  },
  Kubernetes: (url) => {
    const file = path.join(folder, 'config');
    writeFileSync(file, kubeconfigText(url, undefined, 't0ken'));
    const reader = makeClusterReader({ env: { KUBECONFIG: file, HOME: folder } });
    return reader.read({ context: undefined, signal });
  },
};

it.each(Object.keys(asking).flatMap((kind) => [301, 302, 307, 308].map((status) => [kind, status] as const)))(
  '%s that redirects to another server by %i sends no credentials there, and is not followed',
  async (kind, status) => {
    const stranger = new LoopbackServer(null);
    await stranger.listen();
    const server = new LoopbackServer({ status, to: () => stranger.url });
    await server.listen();
    try {
      await asking[kind]?.(server.url).catch(() => undefined);
      expect(server.heard.length).toBeGreaterThan(0);
      expect(JSON.stringify(server.heard)).toContain('t0ken');
      expect(stranger.heard).toEqual([]);
    } finally {
      await Promise.all([server.close(), stranger.close()]);
    }
  },
);

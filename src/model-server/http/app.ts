import type { IncomingMessage, ServerResponse } from 'node:http';
import { containerMetricsPath } from '../../core/diagnosis/container/container-metrics.ts';
import type { MetricFamily } from '../../core/diagnosis/container/metric-family.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { healthBody, modelReadyBody } from '../../protocols/open-inference/metadata.ts';
import { parsePath, type Route } from '../../protocols/open-inference/paths.ts';
import { expositionType, writeExposition } from '../../protocols/prometheus-text/write-exposition.ts';
import { identityHeader } from '../../protocols/replica-identity/replica-identity.ts';
import { requireClientCertificate } from './client-certificate.ts';
import { sendError, sendJson } from './http-answer.ts';
import { infer, type InferParts } from './infer-endpoint.ts';
import { requireOrdersToken } from './orders-access.ts';
import { refuseUpload } from './refuse-upload.ts';
import { parseChangeRequest, parseIndexRequest } from './repository-endpoint.ts';

export interface AppParts extends InferParts {
  readonly version: string;
  readonly log: (line: string) => void;
  /** Which replica this is, and which start of it; empty where nobody gave it a name. */
  readonly identity: string;
  /** What a request has to show that loads or unloads a model; null where nothing is asked for. */
  readonly ordersToken: string | null;
  /** What the container of this server shows from inside; null where nothing reads it. Never rejects. */
  readonly readContainer: (() => Promise<readonly MetricFamily[]>) | null;
}

export type Phase = 'starting' | 'serving' | 'draining';

/** What platforms ask for, of which some show no certificate. */
const probes: ReadonlySet<Route['kind']> = new Set(['server-live', 'server-ready', 'model-ready']);

/** Paths are few and repeat: their parse is kept, up to this many. */
const maxKnownPaths = 256;

/** The protocol over HTTP: every answer is JSON (or binary tensors), every error `{"error": ...}`. */
export class App {
  phase: Phase = 'starting';
  readonly #parts: AppParts;
  readonly #routes = new Map<string, Route | null>();
  readonly #stop = new AbortController();

  constructor(parts: AppParts) {
    this.#parts = parts;
  }

  /** Ends what the app itself waits for: loads that were asked for over HTTP. */
  stop(): void {
    this.#stop.abort(draining());
  }

  get ready(): boolean {
    return this.phase === 'serving' && this.#parts.repository.served().length > 0;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#respond(request, response).catch((thrown: unknown) => {
      const error = asPlimsollError(thrown);
      if (error.category === 'bug')
        this.#parts.log(`${request.method} ${request.url?.slice(0, 200)}: ${error.message}`);
      if (response.destroyed) return;
      if (request.complete) sendError(response, error);
      else refuseUpload(request, response, error);
    });
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request.url ?? '');
    const route = path === '/metrics' ? null : this.#routeOf(path);
    requireClientCertificate(request, route !== null && probes.has(route.kind), this.#parts.clock.nowMs());
    if (path === '/metrics') {
      assertMethod(request, 'GET');
      await this.#sendMetrics(response);
      return;
    }
    if (path === containerMetricsPath && this.#parts.readContainer !== null) {
      assertMethod(request, 'GET');
      sendText(response, expositionType, writeExposition(await this.#parts.readContainer()));
      return;
    }
    if (route === null) throw noSuchPath(request);
    switch (route.kind) {
      case 'infer':
        assertMethod(request, 'POST');
        if (this.phase === 'draining') throw draining();
        return infer(this.#parts, route.model, route.version, request, response);
      case 'server-live':
        return this.#get(request, () => this.#sendHealth(response, 200));
      case 'server-ready':
        return this.#get(request, () => this.#sendHealth(response, this.ready ? 200 : 503));
      case 'server-metadata':
        return this.#get(request, () => sendJson(response, 200, this.#serverMetadata()));
      case 'model-metadata':
        return this.#get(request, () => sendJson(response, 200, this.#modelMetadata(route.model, route.version)));
      case 'model-ready':
        return this.#get(request, () => {
          this.#sendModelReady(response, route.model, route.version);
        });
      case 'repository-index':
      case 'repository-load':
      case 'repository-unload':
        return this.#repository(route, request, response);
    }
  }

  #sendHealth(response: ServerResponse, status: number): void {
    const { identity } = this.#parts;
    sendJson(response, status, healthBody(true, this.ready), identity === '' ? [] : [identityHeader, identity]);
  }

  #get(request: IncomingMessage, act: () => void): void {
    assertMethod(request, 'GET');
    act();
  }

  #routeOf(path: string): Route | null {
    const known = this.#routes.get(path);
    if (known !== undefined) return known;
    const route = parsePath(path);
    if (this.#routes.size < maxKnownPaths) this.#routes.set(path, route);
    return route;
  }

  async #sendMetrics(response: ServerResponse): Promise<void> {
    const { registry } = this.#parts.metrics;
    this.#parts.metrics.ready = this.ready;
    sendText(response, registry.contentType, await registry.metrics());
  }

  #serverMetadata(): string {
    const extensions = ['binary_tensor_data', 'model_repository', 'model_repository(unload_dependents)'];
    return JSON.stringify({ name: 'plimsoll', version: this.#parts.version, extensions });
  }

  #modelMetadata(model: string, version: string | null): string {
    const { repository } = this.#parts;
    const served = repository.find(model, version);
    return JSON.stringify({
      name: served.name,
      versions: repository.versionsOf(model),
      platform: 'onnxruntime_onnx',
      inputs: served.signature.inputs,
      outputs: served.signature.outputs,
    });
  }

  /** Unknown is 404 with an error; known but not serving is 503 with `"ready": false`. */
  #sendModelReady(response: ServerResponse, model: string, version: string | null): void {
    try {
      this.#parts.repository.find(model, version);
    } catch (thrown) {
      const error = asPlimsollError(thrown);
      if (error.category !== 'unavailable') throw error;
      sendJson(response, 503, modelReadyBody(model, false));
      return;
    }
    sendJson(response, this.phase === 'serving' ? 200 : 503, modelReadyBody(model, this.phase === 'serving'));
  }

  async #repository(
    route: Extract<Route, { kind: `repository-${string}` }>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    assertMethod(request, 'POST');
    if (this.phase === 'draining') throw draining();
    const { repository, bodies, ordersToken } = this.#parts;
    if (route.kind !== 'repository-index') requireOrdersToken(ordersToken, request.headers.authorization);
    const { bytes, release } = await bodies.read(request);
    try {
      if (route.kind === 'repository-index') {
        const { ready } = parseIndexRequest(bytes);
        const entries = await repository.index(this.#stop.signal);
        sendJson(response, 200, JSON.stringify(ready ? entries.filter(({ state }) => state === 'READY') : entries));
        return;
      }
      const { version } = parseChangeRequest(bytes);
      if (route.kind === 'repository-load') await repository.load(route.model, version, this.#stop.signal);
      else await repository.unload(route.model, version);
      sendJson(response, 200, '{}');
    } finally {
      release();
    }
  }
}

function sendText(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function assertMethod(request: IncomingMessage, allowed: 'GET' | 'POST'): void {
  if (request.method === allowed || (request.method === 'HEAD' && allowed === 'GET')) return;
  const allow = allowed === 'GET' ? 'GET, HEAD' : allowed;
  throw new PlimsollError({
    code: 'method-not-allowed',
    category: 'input',
    message: `${request.method ?? ''} is not allowed here; the path takes ${allow}`,
    next: `send ${allow}`,
    details: { allow },
  });
}

function noSuchPath(request: IncomingMessage): PlimsollError {
  return new PlimsollError({
    code: 'path-unknown',
    category: 'not-found',
    message: `nothing at ${request.method ?? ''} ${JSON.stringify(pathOf(request.url ?? '').slice(0, 100))}`,
    next: 'the Open Inference Protocol starts at /v2',
  });
}

function draining(): PlimsollError {
  return new PlimsollError({
    code: 'draining',
    category: 'unavailable',
    message: 'the server is draining and takes no new requests',
    next: 'send it to another replica',
    details: { close: true },
  });
}

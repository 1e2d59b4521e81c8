/** A registry on loopback that does what a test tells it to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Digest } from '../../../core/units/digest.ts';
import type { BuiltImage } from '../../builders/files/image-builder.ts';

/** Returns true when it answered; else the registry answers as it should. */
export type RegistryScript = (request: IncomingMessage, response: ServerResponse, seen: number) => boolean;

export class ScriptedRegistry {
  readonly requests: { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] }[] =
    [];
  script: RegistryScript = () => false;
  readonly #tags = new Map<string, Buffer>();
  readonly #blobs = new Map<string, Buffer>();
  readonly #server = createServer((request, response) => this.#answer(request, response));
  #counts = new Map<string, number>();

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  push(tag: string, image: BuiltImage): void {
    this.pushManifest(tag, image.manifest);
    for (const [digest, bytes] of image.blobs) this.#blobs.set(digest, bytes);
  }

  pushManifest(tag: string, manifest: Buffer): void {
    this.#tags.set(tag, manifest);
  }

  replaceBlob(digest: Digest, bytes: Buffer): void {
    this.#blobs.set(digest, bytes);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    this.requests.push({ method: request.method ?? '', url, headers: request.headers });
    const seen = this.#counts.get(url) ?? 0;
    this.#counts.set(url, seen + 1);
    if (this.script(request, response, seen)) return;
    const [, kind, name = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
    const bytes =
      kind === undefined
        ? undefined
        : ((kind === 'manifests' ? this.#tags.get(name) : undefined) ?? this.#blobs.get(name));
    if (bytes === undefined) response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
    else sendRange(request, response, bytes);
  }
}

function sendRange(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (request.headers.range === undefined) response.writeHead(200, { 'content-length': bytes.length });
  else {
    response.writeHead(206, {
      'content-length': bytes.length - from,
      'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
    });
  }
  response.end(bytes.subarray(from));
}

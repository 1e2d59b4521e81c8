/** An OCI registry on loopback that takes pushes and keeps everything in memory; a test may put itself between. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOfBytes } from '../../../core/units/digest.ts';

interface Held {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Returns true when it answered; else the registry answers as the distribution specification 1.1 says. */
export type PushableScript = (request: IncomingMessage, response: ServerResponse) => boolean;

const indexType = 'application/vnd.oci.image.index.v1+json';

export class PushableRegistry {
  /** `GET /v2/team/digits/manifests/1`, as they came. */
  readonly requests: string[] = [];
  /** By tag and by digest. */
  readonly manifests = new Map<string, Held>();
  readonly blobs = new Map<string, Buffer>();
  /** Debian's docker-registry has none: then `subject` is not looked at, and referrers are 404. */
  referrersApi = true;
  /** Referrers on a page. */
  pageSize = 1_000;
  script: PushableScript = () => false;
  readonly #uploads = new Map<string, Buffer>();
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(): Promise<PushableRegistry> {
    const registry = new PushableRegistry();
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://registry');
    this.requests.push(`${request.method} ${url.pathname}`);
    if (this.script(request, response)) return;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const [, base = '', kind = '', name = ''] =
      /^(\/v2\/.+?)\/(manifests|blobs\/uploads|blobs|referrers)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === 'blobs/uploads') this.#upload(request.method ?? '', base, name, url, body, response);
    else if (kind === 'manifests' && request.method === 'PUT') this.#putManifest(name, request, body, response);
    else if (kind === 'referrers') this.#referrers(name, url, response);
    else {
      const held = kind === 'manifests' ? this.manifests.get(name) : undefined;
      const bytes = held?.bytes ?? (kind === 'blobs' ? this.blobs.get(name) : undefined);
      if (bytes === undefined) response.writeHead(404).end('{"errors":[{"code":"UNKNOWN"}]}');
      else if (request.method === 'HEAD') response.writeHead(200, { 'content-length': bytes.length }).end();
      else sendRange(request, response, bytes, held?.type ?? 'application/octet-stream');
    }
  }

  #upload(method: string, base: string, name: string, url: URL, body: Buffer, response: ServerResponse): void {
    if (method === 'POST') {
      const id = String(this.#uploads.size + 1);
      this.#uploads.set(id, Buffer.alloc(0));
      response.writeHead(202, { location: `${base}/blobs/uploads/${id}` }).end();
      return;
    }
    const whole = Buffer.concat([this.#uploads.get(name) ?? Buffer.alloc(0), body]);
    this.#uploads.set(name, whole);
    if (method === 'PATCH') {
      response.writeHead(202, { location: `${base}/blobs/uploads/${name}` }).end();
      return;
    }
    const digest = url.searchParams.get('digest') ?? '';
    if (digestOfBytes(whole) !== digest) {
      response.writeHead(400).end('{"errors":[{"code":"DIGEST_INVALID"}]}');
      return;
    }
    this.blobs.set(digest, whole);
    response.writeHead(201, { location: `${base}/blobs/${digest}` }).end();
  }

  #putManifest(name: string, request: IncomingMessage, bytes: Buffer, response: ServerResponse): void {
    const held = { type: request.headers['content-type'] ?? '', bytes };
    this.manifests.set(name, held);
    this.manifests.set(digestOfBytes(bytes), held);
    const subject = this.referrersApi ? subjectOf(bytes) : undefined;
    response.writeHead(201, subject === undefined ? {} : { 'oci-subject': subject }).end();
  }

  #referrers(subject: string, url: URL, response: ServerResponse): void {
    if (!this.referrersApi) {
      response.writeHead(404).end('404 page not found');
      return;
    }
    const all = [...this.manifests]
      .filter(([name, { bytes }]) => name.startsWith('sha256:') && subjectOf(bytes) === subject)
      .map(([digest, { type, bytes }]) => {
        const { artifactType } = JSON.parse(bytes.toString('utf8')) as { readonly artifactType?: string };
        return { mediaType: type, digest, size: bytes.length, artifactType };
      });
    const from = Number(url.searchParams.get('from') ?? 0);
    const next = from + this.pageSize;
    const more = next < all.length ? { link: `<${url.pathname}?from=${next}>; rel="next"` } : {};
    response
      .writeHead(200, { 'content-type': indexType, ...more })
      .end(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: all.slice(from, next) }));
  }
}

function subjectOf(bytes: Buffer): string | undefined {
  return (JSON.parse(bytes.toString('utf8')) as { readonly subject?: { readonly digest: string } }).subject?.digest;
}

function sendRange(request: IncomingMessage, response: ServerResponse, bytes: Buffer, type: string): void {
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const from = Number(start ?? 0);
  const range = start === undefined ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(start === undefined ? 200 : 206, {
    'content-type': type,
    'content-length': bytes.length - from,
    ...range,
  });
  response.end(bytes.subarray(from));
}

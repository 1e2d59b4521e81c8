import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsFault } from '../../../ports/serving/metrics-source.ts';

/** What one exporter does when it is asked. */
export type Exported =
  | { readonly exposition: string; readonly contentType?: string }
  | { readonly fault: MetricsFault | 'drips' | 'cut' | 'redirect' };

/** A server of metrics on a port of its own, which exports whatever it is told, or fails as it is told. */
export class MetricsServer {
  readonly #server: Server;
  readonly #dripping = new Set<NodeJS.Timeout>();
  exported: Exported = { exposition: '' };
  asked = 0;

  constructor() {
    this.#server = createServer((_request, response) => {
      this.asked += 1;
      this.#answer(response);
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return this;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    for (const timer of this.#dripping) clearInterval(timer);
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  #answer(response: ServerResponse): void {
    const { exported } = this;
    if ('exposition' in exported) {
      const type = exported.contentType ?? 'text/plain; version=0.0.4; charset=utf-8';
      response.writeHead(200, { 'content-type': type }).end(exported.exposition);
      return;
    }
    switch (exported.fault) {
      case 'unreachable':
        response.writeHead(503).end('warming up');
        return;
      case 'refused':
        response.writeHead(401).end();
        return;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>welcome</body></html>\n');
        return;
      case 'too-large':
        response.writeHead(200).end('tgi_queue_size 3\n'.repeat(20_000));
        return;
      case 'cut':
        response.writeHead(200, { 'content-length': '100' }).write('tgi_queue_size 3\n');
        setImmediate(() => response.destroy());
        return;
      case 'redirect':
        response.writeHead(302, { location: 'http://127.0.0.1:1/login' }).end();
        return;
      case 'drips': {
        response.writeHead(200);
        const timer = setInterval(() => response.write('#'), 20);
        this.#dripping.add(timer);
        response.on('close', () => clearInterval(timer));
        return;
      }
      case 'hung':
        // Says nothing, and keeps the connection.
        return;
    }
  }
}

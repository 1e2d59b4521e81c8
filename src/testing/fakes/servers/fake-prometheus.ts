import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readingOf } from '../../builders/files/engine-expositions.ts';

interface Scraped {
  readonly exposition: string;
  readonly atMs: number;
  /** Whether the target is still there: a range shows it either way, a vector only then. */
  readonly isLive: boolean;
}

/** The part of a Prometheus server's query API that is asked for: one instance by its label, all names of the pattern. */
export class FakePrometheus {
  readonly #server: Server;
  readonly #instances = new Map<string, Scraped>();
  readonly asked: { readonly query: string; readonly time: string; readonly authorization: string | undefined }[] = [];
  /** Answers so, whatever is asked. */
  answer: { readonly status: number; readonly body: string } | 'hung' | null = null;
  warnings: readonly string[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      const query = searchParams.get('query') ?? '';
      this.asked.push({ query, time: searchParams.get('time') ?? '', authorization: request.headers.authorization });
      if (this.answer === 'hung') return;
      const { status, body } = this.answer ?? { status: 200, body: JSON.stringify(this.#evaluate(query)) };
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return this;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  scraped(instance: string, exposition: string, atMs: number, isLive = true): void {
    this.#instances.set(instance, { exposition, atMs, isLive });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  #evaluate(query: string): object {
    const isRange = /\[\d+ms\]$/.test(query);
    const names = new Set(/__name__=~"([^"]*)"/.exec(query)?.[1]?.split('|'));
    const instance = /instance="([^"]*)"/.exec(query)?.[1];
    const result = [...this.#instances].flatMap(([each, { exposition, atMs, isLive }]) => {
      if ((instance !== undefined && each !== instance) || (!isRange && !isLive)) return [];
      return readingOf(exposition, atMs)
        .samples.filter(({ name }) => names.has(name))
        .map(({ name, labels, value }) => {
          const metric = { __name__: name, instance: each, job: 'replicas', ...Object.fromEntries(labels) };
          const text = String(value).replace('Infinity', 'Inf');
          return isRange ? { metric, values: [[atMs / 1_000, text]] } : { metric, value: [Date.now() / 1_000, text] };
        });
    });
    const data = { resultType: isRange ? 'matrix' : 'vector', result };
    return { status: 'success', data, ...(this.warnings.length === 0 ? {} : { warnings: this.warnings }) };
  }
}

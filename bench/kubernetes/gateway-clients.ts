import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import { inferBody, rowOf, tinyModel } from '../../test/rigs/tiny-model.ts';
import type { InstalledPlimsoll } from './installed-plimsoll.ts';
import { tinyPath } from './installed-plimsoll.ts';

const row = rowOf(1);
const answer = JSON.stringify(tinyModel(1).answer(row));
const clients = 4;
const pauseMs = 5;
/** As long as kube-proxy may take to hear of a change. */
const lookEveryMs = 200;
/** A connection was not made: nothing was sent, and another gateway may be asked. */
const notConnected = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

export interface FailedRequest {
  readonly address: string;
  readonly sentMs: number;
  /** When its connection was made, or was about to be. */
  readonly connectedMs: number;
  readonly reason: string;
}

/**
 * Clients of the Service of the gateways. Each keeps a connection to one of its pods, as kube-proxy leads them, asks one
 * request after the other, and compares each answer.
 */
export class GatewayClients {
  readonly failures: FailedRequest[] = [];
  answered = 0;
  /** Connections that were refused before anything was sent. */
  refused = 0;
  readonly #installed: InstalledPlimsoll;
  readonly #open = new Map<string, number>();
  readonly #ending = new AbortController();
  readonly #running: readonly Promise<void>[];
  #addresses: readonly string[] = [];

  constructor(installed: InstalledPlimsoll) {
    this.#installed = installed;
    this.#running = [this.#follow(), ...Array.from({ length: clients }, (_, at) => this.#client(at))];
  }

  /** Requests that were sent to this address and not answered yet. */
  inFlight(address: string): number {
    return this.#open.get(address) ?? 0;
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#running);
  }

  async #follow(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      this.#addresses = await this.#installed.addresses('gateway').catch(() => this.#addresses);
      await delay(lookEveryMs);
    }
  }

  async #client(number: number): Promise<void> {
    let connection: { readonly address: string; readonly client: Client; readonly connectedMs: number } | null = null;
    for (let turn = number; !this.#ending.signal.aborted; await delay(pauseMs)) {
      if (connection === null) {
        const address = this.#addresses[turn % Math.max(1, this.#addresses.length)];
        turn += 1;
        if (address === undefined) continue;
        connection = {
          address,
          connectedMs: performance.now(),
          client: new Client(`http://${address}:8080`, { connectTimeout: 1_000, pipelining: 1 }),
        };
      }
      const { address, client, connectedMs } = connection;
      this.#open.set(address, this.inFlight(address) + 1);
      const sentMs = performance.now();
      const error = await this.#ask(client).catch((thrown: unknown) => thrown as Error & { readonly code?: string });
      this.#open.set(address, this.inFlight(address) - 1);
      if (error === null) this.answered += 1;
      else {
        connection = null;
        await client.destroy();
        if (notConnected.has(error.code ?? '')) this.refused += 1;
        else this.failures.push({ address, sentMs, connectedMs, reason: error.message });
      }
    }
    await connection?.client.close();
  }

  async #ask(client: Client): Promise<null> {
    const headers = { 'content-type': 'application/json' };
    const { statusCode, body } = await client.request({
      path: tinyPath,
      method: 'POST',
      headers,
      body: inferBody(row),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 200)}`);
    const data = JSON.stringify((JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]?.data);
    if (data !== answer) throw new Error(`the answer is ${data}`);
    return null;
  }
}

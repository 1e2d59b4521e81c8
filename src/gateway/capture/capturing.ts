import type { IncomingMessage } from 'node:http';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Random } from '../../ports/process/random.ts';
import { askedOf } from '../admission/inference-path.ts';
import type { Routes } from '../routes/routes.ts';
import { makeCaptureChoice } from './capture-choice.ts';
import type { CaptureSink } from './capture-sink.ts';
import { CapturedExchange, type CaptureHost } from './captured-exchange.ts';

export interface CapturingParts {
  /** Null where nothing can be captured. */
  readonly sink: CaptureSink | null;
  readonly clock: Clock;
  readonly routes: Routes;
  readonly random: Pick<Random, 'next'>;
}

/** Draws which requests of one service are captured, as its newest table says. */
export class Capturing {
  readonly #parts: CapturingParts;
  #choose: ReturnType<typeof makeCaptureChoice> | null = null;
  #host: CaptureHost | null = null;
  /** Most requests have the path of the one before. */
  #last = { method: '', path: '', isInference: false, bare: '' };

  constructor(parts: CapturingParts) {
    this.#parts = parts;
  }

  follow({ capture }: RoutingTable): void {
    const { sink, clock } = this.#parts;
    this.#choose = null;
    this.#host = null;
    // Of another protocol, perhaps.
    this.#last = { method: '', path: '', isInference: false, bare: '' };
    if (sink === null || capture === undefined) return;
    sink.limit(capture.spoolBytes);
    this.#choose = makeCaptureChoice(capture);
    this.#host = {
      sink,
      maxBodyBytes: capture.maxBodyBytes,
      nowMs: () => clock.monotonicMs(),
      wallMs: () => clock.nowMs(),
    };
  }

  /** Null for a request that is not captured. Called at its arrival, before its content or the load is seen. */
  begin(req: IncomingMessage, path: string, requestId: string, arrivedMs: number): CapturedExchange | null {
    if (this.#choose === null || this.#host === null) return null;
    const choice = this.#choose(this.#parts.random.next());
    if (choice === null) return null;
    const { routes } = this.#parts;
    const method = req.method ?? 'GET';
    const { isInference, bare } = this.#look(method, path);
    if (!isInference) return null;
    const stickyKey = routes.stickyKey(req);
    const arrival = { requestId, arrivedMs, method, path: bare, headers: req.headers, stickyKey };
    return new CapturedExchange(choice, arrival, this.#host);
  }

  #look(method: string, path: string): { readonly isInference: boolean; readonly bare: string } {
    const last = this.#last;
    if (last.path === path && last.method === method) return last;
    const isInference = askedOf(this.#parts.routes.protocol, method, path) !== 'other';
    this.#last = { method, path, isInference, bare: path.split('?', 1)[0] ?? '' };
    return this.#last;
  }
}

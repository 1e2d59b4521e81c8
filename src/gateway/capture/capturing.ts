import type { IncomingMessage } from 'node:http';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Clock } from '../../ports/process/clock.ts';
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
  random(): number;
}

/** Draws which requests of one service are captured, as its newest table says. */
export class Capturing {
  readonly #parts: CapturingParts;
  #choose: ReturnType<typeof makeCaptureChoice> | null = null;
  #host: CaptureHost | null = null;

  constructor(parts: CapturingParts) {
    this.#parts = parts;
  }

  follow({ capture }: RoutingTable): void {
    const { sink, clock } = this.#parts;
    this.#choose = null;
    this.#host = null;
    if (sink === null || capture === undefined) return;
    sink.limit(capture.spoolBytes);
    this.#choose = makeCaptureChoice(capture);
    this.#host = {
      sink,
      maxBodyBytes: capture.maxBodyBytes,
      nowMs: () => clock.monotonicMs(),
      wallMs: (monotonicMs) => clock.nowMs() - (clock.monotonicMs() - monotonicMs),
    };
  }

  /** Null for a request that is not captured. Called at its arrival, before its content or the load is seen. */
  begin(req: IncomingMessage, path: string, requestId: string, arrivedMs: number): CapturedExchange | null {
    if (this.#choose === null || this.#host === null) return null;
    const choice = this.#choose(this.#parts.random());
    if (choice === null) return null;
    const { routes } = this.#parts;
    const method = req.method ?? 'GET';
    if (askedOf(routes.protocol, method, path) === 'other') return null;
    const bare = path.split('?', 1)[0] ?? '';
    const stickyKey = routes.stickyKey(req);
    const arrival = { requestId, arrivedMs, method, path: bare, headers: req.headers, stickyKey };
    return new CapturedExchange(choice, arrival, this.#host);
  }
}

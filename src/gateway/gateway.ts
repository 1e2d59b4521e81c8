import { keyProblem } from './admission/client-keys.ts';
import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import type { GatewayReport } from '../schemas/gateway/gateway-report.ts';
import type { DataPath, DataPathParts } from './exchange/data-path.ts';
import { HttpFront } from './front/http-front.ts';
import { makeSharedParts } from './front/shared-parts.ts';
import type { TlsDoor } from './front/tls-door.ts';
import type { Acceptance } from './routes/routing-acceptance.ts';
import { ServedService } from './served-service.ts';
import { gatewayMetrics } from './signals/metrics-text.ts';

export interface GatewayParts extends DataPathParts {
  /** `host:boot:pid:start`, see ports/process-identity. */
  readonly identity: string;
  readonly tlsDoor?: TlsDoor | null;
}

/** A gateway of one service: the client port before its data path. */
export class Gateway {
  readonly path: DataPath;
  readonly #service: ServedService;
  readonly #front: HttpFront;
  controlPlaneConnected: () => boolean = () => false;

  constructor(parts: GatewayParts) {
    const { settings, log, identity } = parts;
    const shared = makeSharedParts(parts);
    const service = new ServedService(parts, shared);
    const { path } = service;
    this.path = path;
    this.#service = service;
    this.#front = new HttpFront({
      settings,
      connections: shared.connections,
      log,
      identity,
      controlPlaneConnected: () => this.controlPlaneConnected(),
      tlsDoor: parts.tlsDoor ?? null,
      host: {
        paths: [path],
        refused: path.signals.refused,
        nowMs: () => path.nowMs(),
        receive: (req, res, continueFirst) => path.receive(req, res, continueFirst),
        refuseHead: (req, res, code) => path.refuseHead(req, res, code),
        readiness: () => service.readiness(),
        metricsProblem: (authorization) => keyProblem(path.keys, authorization),
        metrics: (process) => gatewayMetrics([service.metrics([])], process),
        sweep: (nowMs) => path.sweep(nowMs),
      },
    });
  }

  /** Resolves with `http://HOST:PORT`. @throws PlimsollError `port-taken`, `cannot-listen` (unavailable). */
  listen(): Promise<string> {
    return this.#front.listen();
  }

  get address(): string {
    return this.#front.address;
  }

  /** Applies a table if it is this gateway's and newer; says what became of it. */
  offer(table: RoutingTable): Acceptance {
    return this.#service.offer(table);
  }

  report(): GatewayReport {
    return this.#service.report({ address: this.address, residentBytes: process.memoryUsage.rss() });
  }

  /** Takes no more connections, serves what is on those that are here, each of them once more, and ends the rest after the drain's time. */
  drain(): Promise<void> {
    return this.#front.drain();
  }
}

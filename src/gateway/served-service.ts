import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import type { GatewayReport } from '../schemas/gateway/gateway-report.ts';
import { DataPath, type DataPathParts } from './exchange/data-path.ts';
import type { Readiness } from './front/http-front.ts';
import type { SharedParts } from './front/shared-parts.ts';
import { acceptTable, type Acceptance } from './routes/routing-acceptance.ts';
import { takeReport } from './signals/gateway-signals.ts';
import type { ServiceMetrics } from './signals/metrics-text.ts';

/** Facts of the process that the report of each of its services carries. */
export interface ProcessFacts {
  readonly address: string;
  readonly residentBytes: number;
}

/** One service in one environment as a gateway serves it: its data path, its tables and its reports. */
export class ServedService {
  readonly path: DataPath;
  /** Its counters begin here, and the sequence of its counts. */
  readonly #startedAtMs: number;
  readonly #parts: DataPathParts;

  constructor(parts: DataPathParts, shared: SharedParts) {
    this.#parts = parts;
    this.path = new DataPath(parts, shared);
    this.#startedAtMs = parts.clock.nowMs();
  }

  /** Applies a table if it is this service's and newer; says what became of it. */
  offer(table: RoutingTable): Acceptance {
    const { settings, log } = this.#parts;
    const acceptance = acceptTable(table, this.path.routes.table, settings);
    if (acceptance.verdict === 'apply') {
      this.path.applyTable(table);
      log('routing.applied', { generation: table.generation, replicas: this.path.routes.replicaCount });
    } else if (acceptance.verdict === 'refuse') {
      log('routing.refused', { generation: table.generation, reason: acceptance.reason });
    }
    return acceptance;
  }

  report({ address, residentBytes }: ProcessFacts): GatewayReport {
    const { path } = this;
    const issuedAtMs = path.routes.table?.issuedAtMs;
    const facts = {
      gatewayId: this.#parts.settings.gatewayId,
      address,
      pid: process.pid,
      startedAtMs: this.#startedAtMs,
      acknowledgedGeneration: path.routes.generation,
      ...(issuedAtMs === undefined ? {} : { acknowledgedIssuedAtMs: issuedAtMs }),
      atMs: this.#parts.clock.nowMs(),
      upMs: Math.round(this.#parts.clock.monotonicMs()),
      residentBytes,
      queueDepth: path.queueDepth,
      oldestWaitMs: path.oldestWaitMs,
      inFlight: path.inFlight,
    };
    const report = takeReport(facts, path.signals, path.routes.replicas, path.outbox.take(facts.atMs));
    const { captured, dropped } = path.captureCounts;
    return captured + dropped > 0 ? { ...report, capture: { captured, dropped } } : report;
  }

  readiness(): Readiness {
    const { generation, replicaCount } = this.path.routes;
    return { ready: replicaCount > 0 && !this.path.draining, generation, replicas: replicaCount };
  }

  metrics(labels: ServiceMetrics['labels']): ServiceMetrics {
    const { signals, captureCounts: capture, routes, queueDepth, heldBytes, openCount, clients } = this.path;
    return {
      labels,
      signals,
      capture,
      replicas: routes.replicas,
      queueDepth,
      heldBytes,
      openCount,
      generation: routes.generation,
      clients,
    };
  }
}

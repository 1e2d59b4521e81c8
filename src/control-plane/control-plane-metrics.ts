import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ObservedReplica } from '../core/rollout/replica.ts';
import type { FleetSpares } from '../schemas/view/fleet-view.ts';
import type { ScalingView } from '../schemas/view/view.ts';
import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import { registerCostMetrics } from './ledger/cost-metrics.ts';
import { registerLearnedMetrics } from './scaling/learned-metrics.ts';
import type { PoolBookParts } from './ledger/prices/read-pool-books.ts';

const replicaStates = ['pending', 'starting', 'ready', 'asleep', 'stuck', 'draining', 'stopped', 'failed'] as const;

/** One service, as far as it is measured here. */
export interface MeasuredService {
  readonly service: string;
  readonly environment: string;
  replicas(): readonly ObservedReplica[];
  gateways(): readonly unknown[];
  routing(): RoutingTable | null;
  /** Null where nothing scales. */
  scaling(): ScalingView | null;
}

/** The control plane's own metrics; those of the service are the gateways' and the replicas'. */
export function makeControlPlaneMetrics(read: {
  services(): readonly MeasuredService[];
  streams(): number;
  leaseHeld(): boolean;
  spares(): readonly FleetSpares[];
  readonly ledger: PoolBookParts;
}) {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `plimsoll_control_plane_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  const ofEach = (name: string, help: string, value: (service: MeasuredService) => number): void => {
    new Gauge({
      name: `plimsoll_control_plane_${name}`,
      help,
      labelNames: ['service', 'environment'],
      registers,
      collect() {
        this.reset();
        for (const each of read.services()) {
          const { service, environment } = each;
          this.set({ service, environment }, value(each));
        }
      },
    });
  };
  ofEach('routing_generation', 'Newest routing generation recorded.', (each) => each.routing()?.generation ?? 0);
  ofEach('gateways', 'Gateways heard of lately.', (each) => each.gateways().length);
  gauge('services', 'Services that are held.', () => read.services().length);
  gauge('streams', 'Open server-sent event streams.', read.streams);
  gauge('lease_held', '1 while this process may write.', () => (read.leaseHeld() ? 1 : 0));
  gauge('resident_bytes', 'Resident memory of this process.', () => process.memoryUsage.rss());
  new Gauge({
    name: 'plimsoll_control_plane_replicas',
    help: 'Replicas by state.',
    labelNames: ['service', 'environment', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { service, environment, replicas } of read.services().map(measure)) {
        for (const state of replicaStates) {
          this.set({ service, environment, state }, replicas.filter((replica) => replica.state === state).length);
        }
      }
    },
  });
  new Gauge({
    name: 'plimsoll_control_plane_spares',
    help: 'Spares of an environment by state: wanted by its record, free, starting, or taken by a replica that runs.',
    labelNames: ['environment', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { environment, ...counts } of read.spares()) {
        for (const state of ['wanted', 'free', 'starting', 'taken'] as const)
          this.inc({ environment, state }, counts[state]);
      }
    },
  });
  registerLearnedMetrics(registry, read.services);
  const turns = new Counter({
    name: 'plimsoll_control_plane_turns_total',
    help: 'Reconciliations, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const turnSeconds = new Histogram({
    name: 'plimsoll_control_plane_turn_seconds',
    help: 'Duration of reconciliations.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  const cost = registerCostMetrics(registry, read.ledger, read.leaseHeld);
  return {
    async text(): Promise<string> {
      await cost.update();
      return registry.metrics();
    },
    turned(outcome: 'done' | 'failed', tookMs: number): void {
      turns.inc({ outcome });
      turnSeconds.observe(tookMs / 1000);
    },
  };
}

const measure = (each: MeasuredService) => ({
  service: each.service,
  environment: each.environment,
  replicas: each.replicas(),
});

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ObservedReplica } from '../core/rollout/replica.ts';

const replicaStates = ['pending', 'starting', 'ready', 'draining', 'stopped', 'failed'] as const;

/** The control plane's own metrics; those of the service are the gateways' and the replicas'. */
export function makeControlPlaneMetrics(read: {
  replicas(): readonly ObservedReplica[];
  generation(): number;
  gateways(): number;
  streams(): number;
  leaseHeld(): boolean;
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
  gauge('routing_generation', 'Newest routing generation recorded.', read.generation);
  gauge('gateways', 'Gateways heard of lately.', read.gateways);
  gauge('streams', 'Open server-sent event streams.', read.streams);
  gauge('lease_held', '1 while this process may write.', () => (read.leaseHeld() ? 1 : 0));
  gauge('resident_bytes', 'Resident memory of this process.', () => process.memoryUsage.rss());
  new Gauge({
    name: 'plimsoll_control_plane_replicas',
    help: 'Replicas by state.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of replicaStates) {
        this.set({ state }, read.replicas().filter((replica) => replica.state === state).length);
      }
    },
  });
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
  return {
    text: () => registry.metrics(),
    turned(outcome: 'done' | 'failed', tookMs: number): void {
      turns.inc({ outcome });
      turnSeconds.observe(tookMs / 1000);
    },
  };
}

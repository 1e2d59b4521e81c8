import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import { ControlPlaneRig } from '../control-plane-rig.ts';
import { aGatewayReport } from '../../builders/gateway-reports.ts';
import { aReleaseRequest, type BundleOver } from '../../builders/release-fixture.ts';

/** A contract with so many replicas. What scaling goes by the test states itself, so that evidence of it is waived. */
export function scaledBetween(min: number, max: number) {
  const scaling = { replicas: { min, max }, toZero: min === 0 ? 'when-proven' : 'never' };
  return {
    contract: { scaling, ...(min === 0 ? { coldStart: { p90: '45s' } } : {}) },
    waivers: (['cold-start', 'capacity', 'scaling'] as const).map((kind) => ({
      kind,
      reason: 'the test states what is measured',
      untilMs: 1e13,
    })),
  } satisfies BundleOver;
}

/** A control plane on fakes whose service may have 1 to 4 replicas, and one gateway that reports once a second. */
export class ScalingRig extends ControlPlaneRig {
  #arrivals = 0;

  constructor() {
    super();
    this.scaling = {
      ...this.scaling,
      objective: { latencyMs: 100, attainmentShare: 0.99 },
      capacity: {
        curve: { kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 20 },
        ratePerSecond: 50,
        concurrency: 2,
        serviceMs: 20,
      },
      prices: { acceleratorSecondPrice: 1, lateRequestPrice: 2 },
    };
  }

  async release(model: number, over: BundleOver = scaledBetween(1, 4)): Promise<void> {
    await this.operations().release(await aReleaseRequest(this.blobs, model, over));
  }

  /** One report: so many requests are under way, and as many arrived and were answered in the second before. */
  tell(inFlight: number, over: Partial<GatewayReport> = {}): void {
    this.#arrivals += inFlight;
    const scaling = { arrivals: this.#arrivals, completions: this.#arrivals };
    const acknowledgedGeneration = this.service.routing()?.generation ?? 0;
    this.controlPlane.gatewayReported(
      aGatewayReport(this.clock.nowMs(), scaling, { inFlight, acknowledgedGeneration, ...over }),
    );
  }

  async traffic(seconds: number, inFlight: number, over: Partial<GatewayReport> = {}): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      this.tell(inFlight, over);
      await this.pass(1_000);
    }
  }

  /** Brings a first release in, and waits until what gateways report is known. */
  async serve(over?: BundleOver): Promise<void> {
    await this.start();
    await this.release(1, over);
    await this.traffic(14, 0);
  }

  running(): number {
    return this.machine.replicas().filter(({ drainingSinceMs }) => drainingSinceMs === null).length;
  }

  routed(): readonly string[] {
    const splits = this.service.routing()?.splits ?? [];
    return splits.flatMap(({ replicas }) => replicas.map(({ replicaId }) => replicaId));
  }
}

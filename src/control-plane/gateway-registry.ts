import { PlimsollError } from '../core/units/errors.ts';
import { rolloutBounds, type GatewayState } from '../core/rollout/deployment/rollout-state.ts';
import type { Clock } from '../ports/process/clock.ts';
import type { GatewayReport } from '../schemas/gateway/gateway-report.ts';
import type { GatewayView } from '../schemas/view/view.ts';

export const gatewaysAtMost = 200;

interface KnownGateway {
  readonly report: GatewayReport;
  readonly seenMs: number;
  readonly seenAtMs: number;
  /** The host that its last report came from; null where it came by no connection. */
  readonly from: string | null;
  /** The credential that it reports with. */
  readonly owner: string;
}

export type GatewayChange =
  | { readonly change: 'connected'; readonly report: GatewayReport }
  | { readonly change: 'restarted'; readonly report: GatewayReport }
  | { readonly change: 'lost'; readonly report: GatewayReport };

/** The gateways that were heard of lately, each by its last report. Silence is measured by the clock that never steps. */
export class GatewayRegistry {
  readonly #clock: Clock;
  readonly #gateways = new Map<string, KnownGateway>();
  #changes: GatewayChange[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * True when a generation was acknowledged or a gateway is new: worth looking at once.
   * @throws PlimsollError `too-many-gateways` (overloaded) for a new one where all places are taken, and its credential has no fewer
   *   than any other; else the one of the others that has the most gives a place up.
   */
  report(report: GatewayReport, from: string | null = null, owner = ''): boolean {
    const before = this.#gateways.get(report.gatewayId);
    if (before === undefined && this.#gateways.size >= gatewaysAtMost && !this.#makeRoom(owner)) {
      throw new PlimsollError({
        code: 'too-many-gateways',
        category: 'overloaded',
        message: `${gatewaysAtMost} gateways report already`,
        next: 'wait until one of them has been silent for 10 s, or stop one',
      });
    }
    this.#gateways.set(report.gatewayId, {
      report,
      seenMs: this.#clock.monotonicMs(),
      seenAtMs: this.#clock.nowMs(),
      from,
      owner,
    });
    if (before === undefined) this.#changes.push({ change: 'connected', report });
    else if (before.report.startedAtMs !== report.startedAtMs) this.#changes.push({ change: 'restarted', report });
    else return before.report.acknowledgedGeneration !== report.acknowledgedGeneration;
    return true;
  }

  /** Forgets the gateway that was silent longest of the credential with the most, where this one has at least two less. */
  #makeRoom(owner: string): boolean {
    const ids = Map.groupBy(this.#gateways.keys(), (id) => this.#gateways.get(id)?.owner ?? '');
    const heaviest = [...ids.values()].reduce((one, other) => (other.length > one.length ? other : one));
    if (heaviest.length <= (ids.get(owner)?.length ?? 0) + 1) return false;
    const seenMs = (id: string): number => this.#gateways.get(id)?.seenMs ?? 0;
    const id = heaviest.reduce((one, other) => (seenMs(other) < seenMs(one) ? other : one));
    const gone = this.#gateways.get(id);
    this.#gateways.delete(id);
    if (gone !== undefined) this.#changes.push({ change: 'lost', report: gone.report });
    return true;
  }

  /** Forgets those that have been silent too long, and returns what changed since the last call. */
  takeChanges(): readonly GatewayChange[] {
    const oldestMs = this.#clock.monotonicMs() - rolloutBounds.gatewayLostMs;
    for (const [id, gateway] of this.#gateways) {
      if (gateway.seenMs >= oldestMs) continue;
      this.#gateways.delete(id);
      this.#changes.push({ change: 'lost', report: gateway.report });
    }
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  reports(): readonly GatewayReport[] {
    return [...this.#gateways.values()].map((gateway) => gateway.report);
  }

  states(): readonly GatewayState[] {
    return this.reports().map((report) => ({
      gatewayId: report.gatewayId,
      acknowledgedGeneration: report.acknowledgedGeneration,
      acknowledgedIssuedAtMs: report.acknowledgedIssuedAtMs,
      inFlight: new Map(report.replicas.map((replica) => [replica.replicaId, replica.inFlight])),
    }));
  }

  /** Requests that a replica has now, of all gateways. */
  inFlight(replicaId: string): number {
    const own = this.reports().map(({ replicas }) => replicas.find((replica) => replica.replicaId === replicaId));
    return own.reduce((sum, replica) => sum + (replica?.inFlight ?? 0), 0);
  }

  /**
   * Where a request goes that the control plane sends to a gateway itself: the host that reports came from, and of the told address the
   * port alone, so that no report leads a request to the host of somebody else. Undefined without a gateway.
   */
  requestUrl(): string | undefined {
    const urls = [...this.#gateways.values()].map(({ report, from }) => urlAt(report.address, from));
    return urls.find((url) => url !== null) ?? undefined;
  }

  views(): readonly GatewayView[] {
    return [...this.#gateways.values()]
      .map(({ report, seenAtMs }) => ({
        gatewayId: report.gatewayId,
        address: report.address,
        acknowledgedGeneration: report.acknowledgedGeneration,
        lastSeenMs: seenAtMs,
        residentBytes: report.residentBytes,
      }))
      .sort((a, b) => (a.gatewayId < b.gatewayId ? -1 : 1));
  }
}

function urlAt(told: string, host: string | null): string | null {
  if (host === null || !URL.canParse(told)) return null;
  const { port } = new URL(told);
  const name = host.replace(/^::ffff:/, '');
  return `http://${name.includes(':') ? `[${name}]` : name}:${port === '' ? 80 : port}`;
}

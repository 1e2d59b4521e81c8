import { countPromised, type SpareClaim } from '../../core/scaling/warm-pool/promise-spares.ts';
import {
  beginAvailability,
  countFound,
  observeAvailability,
  type SpareAvailability,
} from '../../core/scaling/warm-pool/spare-availability.ts';
import type { SpareTerms } from '../../core/scaling/policy.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ObservedSpare } from '../../ports/serving/spares.ts';
import type { FleetSpares } from '../../schemas/view/fleet-view.ts';
import type { ServiceScope } from '../service/service-scope.ts';
import type { PlannedSpares } from './plan-spares.ts';

/** What one service asks of spares. */
export interface SpareDesk {
  /**
   * Returns the spares that it may count on; null where none fits it, or nobody has looked at them yet.
   * @param away spares that its own replicas took a short while ago
   */
  ask(away: number): Pick<SpareTerms, 'free' | 'found'> | null;
  /** Its last decision left replicas to spares, and ordered so many starts. */
  claim(of: { readonly left: number; readonly ordered: number }): void;
}

interface Held {
  readonly left: number;
  readonly leftAtMs: number;
  readonly ordered: readonly { readonly count: number; readonly atMs: number }[];
}

interface Group {
  readonly wanted: number;
  readonly free: number;
}

/** By then a start has taken its spare, or goes without. */
const orderedForMs = 3_000;
/** A service that decides no more holds no spare. */
const leftForMs = 30_000;
/** Time for which nobody asked says nothing of what was there. */
const askedEachMs = 30_000;

/**
 * Promises spares to services, each spare to one. What it holds is of the last seconds: a successor begins with nothing, and services plan
 * without spares until it has looked.
 */
export class SpareBoard {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #groups: ReadonlyMap<string, Group> = new Map();
  /** Of each service that a spare fits: its group. */
  #groupOf: ReadonlyMap<string, string> = new Map();
  #shown: readonly FleetSpares[] = [];
  readonly #held = new Map<string, Held>();
  readonly #seen = new Map<string, { readonly availability: SpareAvailability; readonly atMs: number }>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** What is kept and there, as it was just seen. */
  observed(planned: readonly PlannedSpares[], seen: readonly ObservedSpare[]): void {
    const groups = new Map<string, Group>();
    const groupOf = new Map<string, string>();
    for (const { environment, fits, count, services } of planned) {
      const key = nameOf(environment, fits);
      const own = seen.filter((each) => each.environment === environment && each.fits === fits);
      groups.set(key, { wanted: count, free: own.filter(({ state }) => state === 'free').length });
      for (const service of services) groupOf.set(nameOf(environment, service), key);
    }
    [this.#groups, this.#groupOf] = [groups, groupOf];
    for (const map of [this.#held, this.#seen]) for (const name of map.keys()) if (!groupOf.has(name)) map.delete(name);
  }

  /** As people are shown them. */
  show(groups: readonly FleetSpares[]): void {
    this.#shown = groups;
  }

  /** Spares that fit a service, named as its own: whoever may see it may not see the others. Null where none is kept for it. */
  viewOf({ service, environment }: ServiceScope): FleetSpares | null {
    const group = this.#shown.find((each) => each.environment === environment && each.services.includes(service));
    return group === undefined ? null : { ...group, services: [service] };
  }

  /** Replicas that services of a group left to spares, by service: what others may not take. */
  leftIn({ environment, services }: Pick<PlannedSpares, 'environment' | 'services'>): Readonly<Record<string, number>> {
    const nowMs = this.#clock.monotonicMs();
    const left = services.map(
      (service) => [service, leftAt(this.#held.get(nameOf(environment, service)), nowMs)] as const,
    );
    return Object.fromEntries(left.filter(([, count]) => count > 0));
  }

  deskOf({ service, environment }: ServiceScope): SpareDesk {
    const name = nameOf(environment, service);
    return {
      ask: (away) => this.#ask(name, away),
      claim: ({ left, ordered }) => {
        const nowMs = this.#clock.monotonicMs();
        const standing = (this.#held.get(name)?.ordered ?? []).filter(({ atMs }) => nowMs - atMs < orderedForMs);
        const now = ordered > 0 ? [{ count: ordered, atMs: nowMs }] : [];
        if (this.#groupOf.has(name)) this.#held.set(name, { left, leftAtMs: nowMs, ordered: [...standing, ...now] });
      },
    };
  }

  #ask(name: string, away: number): Pick<SpareTerms, 'free' | 'found'> | null {
    const key = this.#groupOf.get(name);
    const group = key === undefined ? undefined : this.#groups.get(key);
    if (group === undefined) return null;
    const nowMs = this.#clock.monotonicMs();
    const free = countPromised(group.free, this.#claimsIn(key, nowMs), name);
    const there = Math.min(group.wanted, free + Math.min(away, group.wanted - group.free));
    const before = this.#seen.get(name);
    const elapsedMs = before === undefined ? Infinity : nowMs - before.atMs;
    const known = before?.availability ?? beginAvailability;
    const availability = elapsedMs <= askedEachMs ? observeAvailability(known, Math.max(0, there), elapsedMs) : known;
    this.#seen.set(name, { availability, atMs: nowMs });
    return { free, found: Math.min(group.wanted, countFound(availability)) };
  }

  #claimsIn(key: string | undefined, nowMs: number): readonly SpareClaim[] {
    return [...this.#held].flatMap(([service, held]) => {
      if (this.#groupOf.get(service) !== key) return [];
      const ordered = held.ordered.reduce((sum, { count, atMs }) => sum + (nowMs - atMs < orderedForMs ? count : 0), 0);
      return [{ service, left: leftAt(held, nowMs), ordered }];
    });
  }
}

const nameOf = (environment: string, rest: string): string => `${environment}\n${rest}`;

const leftAt = (held: Held | undefined, nowMs: number): number =>
  held === undefined || nowMs - held.leftAtMs >= leftForMs ? 0 : held.left;

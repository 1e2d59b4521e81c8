import type { HealthState } from '../../src/core/health/health.ts';
import type { FleetChange, FleetEntry, FleetView } from '../../src/schemas/view/fleet-view.ts';
import type { ServiceView } from '../../src/schemas/view/view.ts';
import { FakeRandom } from './fake-signals.ts';

const plimsollVersion = '0.1.0';

const owners = ['vision', 'search', 'payments', 'ml-platform', 'speech', 'recommendations-and-personalization', null];
const subjects = ['digits', 'ranking', 'fraud', 'speech-to-text', 'embedding', 'moderation', 'translation', 'pricing'];
const forms = ['', '-lite', '-large', '-batch', '-v2', '-reranker-multilingual'];
const environments = ['prod', 'staging', 'production-eu-west'];

/** Of twenty services: two fail, one is unknown, three degraded, one is not released. */
const states: readonly HealthState[] = Array.from({ length: 20 }, (_, index) => {
  if (index === 3 || index === 11) return 'failing';
  if (index === 7) return 'unknown';
  if (index === 5 || index === 13 || index === 17) return 'degraded';
  return index === 19 ? 'not-released' : 'healthy';
});

/** What a health of each state says; in the words of the judge. */
const healths: Readonly<
  Record<HealthState, (index: number) => Pick<NonNullable<FleetEntry['health']>, 'sentence' | 'next'>>
> = {
  healthy: (index) => ({
    sentence: `Healthy: ${(7_143 + index * 11).toLocaleString('en')} requests in the last hour, 0.0${index % 9}% of requests failed; 99.8% took at most 12ms.`,
    next: null,
  }),
  degraded: (index) =>
    index % 2 === 0
      ? { sentence: 'Degraded: 2 of 3 replicas are ready.', next: 'see why: `plimsoll history --kind replica`' }
      : {
          sentence: `Degraded: 4.${index % 9}% of requests took more than 40ms for 12m; the objective allows 1%.`,
          next: 'see what happened: `plimsoll history`',
        },
  failing: (index) => ({
    sentence: `Failing: 100% of requests failed for ${45 + (index % 9)}s, since release 5 went live 45s ago.`,
    next: 'roll back: `plimsoll rollback --model`',
  }),
  unknown: () => ({ sentence: 'Unknown: no gateway has reported for 48s.', next: '`plimsoll up`' }),
  'not-released': () => ({ sentence: 'Not released: nothing is live.', next: '`plimsoll release`' }),
};

const underWays = [
  'release 6 in step 2 of 3 (25%): latency is not decided yet',
  'release 6 failed: golden case 17 is outside its band: probabilities[3] is 0.412, expected 0.968 within 1e-4',
  'fetches digits:3 from s3://models/digits/3: 1.2 GB of 4 GB',
];

/** A fleet that does not exist: what its page shows of many services can be looked at and tested. */
export class FakeFleet {
  entries: readonly FleetEntry[];
  readonly #random = new FakeRandom();

  constructor(count: number, nowMs: number) {
    this.entries = Array.from({ length: count }, (_, index) => makeEntry(index, nowMs));
  }

  view(nowMs: number): FleetView {
    return { plimsollVersion, nowMs, services: this.entries };
  }

  /** So many services, anywhere in the list, served some more requests; how they are stays the same. */
  change(count: number, nowMs: number): FleetChange {
    const first = Math.floor(this.#random.next() * this.entries.length);
    const places = Array.from({ length: count }, (_, index) => (first + index * 7) % this.entries.length);
    const changed = [...new Set(places)].flatMap((place) => {
      const entry = this.entries[place];
      return entry === undefined ? [] : [servedMore(entry, this.#random.next())];
    });
    return this.#replace(changed, nowMs);
  }

  /** One service comes into a state. */
  become(service: string, environment: string, state: HealthState, nowMs: number): FleetChange {
    const known = this.entries.find((entry) => entry.service === service && entry.environment === environment);
    const health = { state, sinceMs: nowMs, ...healths[state](1) };
    return this.#replace(known === undefined ? [] : [{ ...known, health }], nowMs);
  }

  #replace(changed: readonly FleetEntry[], nowMs: number): FleetChange {
    const byKey = new Map(changed.map((entry) => [`${entry.service}/${entry.environment}`, entry]));
    this.entries = this.entries.map((entry) => byKey.get(`${entry.service}/${entry.environment}`) ?? entry);
    return { nowMs, changed, gone: [] };
  }
}

function servedMore(entry: FleetEntry, more: number): FleetEntry {
  const { health, objective } = entry;
  if (health?.state !== 'healthy' || objective === null) return { ...entry };
  const sentence = health.sentence.replace(/[\d,]+/, Math.round(7_000 + 2_000 * more).toLocaleString('en'));
  return { ...entry, health: { ...health, sentence }, objective: { ...objective, metShare: 0.9989 + more / 1000 } };
}

function makeEntry(index: number, nowMs: number): FleetEntry {
  const state = states[index % states.length] ?? 'healthy';
  const place = Math.floor(index / subjects.length);
  const service = `${subjects[index % subjects.length] ?? ''}${forms[place % forms.length] ?? ''}`;
  const model = { name: service, version: 1 + (index % 31) };
  const isReleased = state !== 'not-released';
  const isHealthy = state === 'healthy';
  return {
    service: place < forms.length * environments.length ? service : `${service}-${place}`,
    environment: environments[Math.floor(place / forms.length) % environments.length] ?? 'prod',
    owner: owners[index % owners.length] ?? null,
    health: index === 27 ? null : { state, sinceMs: isHealthy ? null : nowMs - 45_000, ...healths[state](index) },
    live: isReleased
      ? {
          release: 1 + (index % 57),
          code: index % 9 === 0 ? 'registry.internal/ranking/serve:2026-11-03' : 'serve-model:0.2.0',
          model,
          sinceMs: nowMs - index * 3_600_000,
        }
      : null,
    objective:
      index % 13 === 0
        ? null
        : { availabilityShare: 0.999, metShare: !isReleased || index % 17 === 1 ? null : isHealthy ? 0.9996 : 0.953 },
    evidence: { asked: index % 11 === 0 ? 0 : 5, gaps: index % 11 === 0 ? 0 : index % 6 === 0 ? 2 : 0 },
    replicas: {
      ready: !isReleased || state === 'failing' ? 0 : state === 'degraded' ? 2 : 3,
      wanted: state === 'unknown' ? null : isReleased ? 3 : 0,
    },
    drift: isReleased && index % 40 === 9 ? 'feature image.mean changed: mean went from 0.13 up to 0.87' : null,
    underWay: isReleased && index % 8 === 4 ? (underWays[((index / 4) % underWays.length) | 0] ?? null) : null,
  };
}

/** The fleet of a control plane with the one service that a scenario is about. */
export function fleetOfOne(view: ServiceView): FleetView {
  const { health } = view;
  const live = view.releases.find(({ number }) => number === view.deployment?.live);
  const asked = view.evidence.filter(({ freshness }) => freshness !== 'not-asked');
  const entry: FleetEntry = {
    service: view.service,
    environment: view.environment,
    owner: view.owner,
    health:
      health === undefined
        ? null
        : { state: health.state, sentence: health.sentence, sinceMs: health.sinceMs, next: health.next },
    live:
      live === undefined
        ? null
        : {
            release: live.number,
            code: live.code.label,
            model: { name: live.model.name, version: live.model.version },
            sinceMs: live.createdAtMs,
          },
    objective: { availabilityShare: 0.99, metShare: null },
    evidence: { asked: asked.length, gaps: asked.filter(({ freshness }) => freshness !== 'fresh').length },
    replicas: { ready: view.replicas.filter(({ state }) => state === 'ready').length, wanted: 1 },
    underWay: null,
    drift: null,
  };
  return { plimsollVersion, nowMs: view.nowMs, services: [entry] };
}

import type { Grant } from '../../core/access/requester.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { Fence } from '../../ports/records/store.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { makeOpenAsks } from '../asks/open-asks.ts';
import { Beside } from '../beside.ts';
import { GatewayRegistry } from '../gateway-registry.ts';
import { GoldenWatch } from '../golden/golden-watch.ts';
import { makeReplayKey } from '../golden/replay-path.ts';
import { HealthWatch } from '../health/health-watch.ts';
import type { Health } from '../http/http-parts.ts';
import { JournaledRollbacks } from '../journal/journal-rollbacks.ts';
import { LabelJudge } from '../labels/judge-mature.ts';
import { takeLabels } from '../labels/take-labels.ts';
import { ServiceLedger } from '../ledger/record/service-ledger.ts';
import { DriftWatch } from '../monitoring/drift-watch.ts';
import { Notifier } from '../monitoring/notifier.ts';
import type { OperationsSource } from '../operations/operations-source.ts';
import { makeOperations } from '../operations/operations.ts';
import { PageFeeds } from '../page/page-feeds.ts';
import { CalendarWatch } from '../scaling/calendar-watch.ts';
import { ScalingLoop } from '../scaling/scaling-loop.ts';
import { CanaryInbox } from '../signals/canary-inbox.ts';
import { EngineWatch } from '../signals/engine-watch.ts';
import { ScalingWatch } from '../signals/scaling-watch.ts';
import { AlarmTriage } from '../triage/alarm-triage.ts';
import { EngineProbe } from '../turn/liveness/engine-probe.ts';
import { LivenessBook } from '../turn/liveness/liveness-book.ts';
import { AdmissionRunner } from '../turn/admission-runner.ts';
import { Reconciler } from '../turn/reconciler.ts';
import { SleepBook } from '../turn/sleep/sleep-book.ts';
import { TurnHealth } from '../turn/turn-health.ts';
import { EvidenceWatches } from '../watches/evidence-watches.ts';
import { JudgementCache } from '../watches/judgements.ts';
import { makeWatches } from '../watches/make-watches.ts';
import { PublishedRouting } from './published-routing.ts';
import type { ServiceControlParts } from './service-parts.ts';
import { makeServiceSource } from './service-source.ts';
import { ServiceTurns } from './service-turns.ts';

/** The parts of one service, as `ServiceControl` asks them. */
export interface ServiceComponents {
  readonly routing: PublishedRouting;
  readonly gateways: GatewayRegistry;
  readonly inbox: CanaryInbox;
  readonly arrivals: ScalingWatch;
  readonly scaling: ScalingLoop;
  readonly sleep: SleepBook;
  readonly liveness: LivenessBook;
  readonly ledger: ServiceLedger;
  readonly reconciler: Reconciler;
  readonly journaled: JournaledRollbacks;
  readonly judgements: JudgementCache;
  readonly drift: DriftWatch;
  /** What golden replays through its gateways are signed with. */
  readonly replayKey: string;
  readonly page: PageFeeds;
  readonly healthWatch: HealthWatch;
  readonly notifier: Notifier | null;
  readonly turns: ServiceTurns;
  readonly beside: Beside;
  /** Work that its end waits for. One that fails is told as a turn that failed. */
  runBeside(work: Promise<void>): void;
  /** What it is judged by changed. */
  outdate(): void;
  tellHealth(): Health;
  /** @param grants of whoever asks: whose the service is goes by them. */
  operationsFor(by: string, grants: readonly Grant[]): Operations;
}

/**
 * Makes what one service consists of. The parts know one another by functions, because some of them go round in a circle.
 * @param begin reads what stands in the store, unless that was done.
 */
export function makeServiceComponents(parts: ServiceControlParts, begin: () => Promise<void>): ServiceComponents {
  const { service, environment, log } = parts;
  const scope = { service, environment };
  const beside = new Beside();
  const inbox = new CanaryInbox();
  const deciding = new Set<string>();
  const replayKey = makeReplayKey();
  const routing = new PublishedRouting(parts.gatewayBudget, (table) => {
    parts.published(table);
  });
  const { clock, lease, ...shared } = parts;
  const health = new TurnHealth(clock, parts.log);
  const gateways = new GatewayRegistry(clock);
  const fence = (): Fence => lease.fence();
  const publish = (table: RoutingTable): void => {
    routing.publish(table);
  };
  const kick = (): void => {
    turns.kick();
  };
  const outdate = (): void => {
    judgements.outdate();
    kick();
  };
  const runBeside = (work: Promise<void>): void => {
    beside.run(
      work.catch((thrown: unknown) => {
        turns.failed(thrown);
      }),
    );
  };
  const runner = new AdmissionRunner({ ...shared, clock, finished: kick });
  const { watches, starts } = makeWatches({
    ...parts,
    gateways: () => gateways.views(),
    learned: () => scaling.learned(),
  });
  const arrivals = new ScalingWatch(clock);
  const engines = new EngineWatch(parts.metricsSource, clock);
  const calendar = new CalendarWatch({ ...shared, clock, beside: runBeside });
  const sleep = new SleepBook({ sleeper: parts.sleeper, clock, changed: kick });
  const liveness = new LivenessBook({
    probe:
      parts.probesEngines === true
        ? new EngineProbe({ ...shared, key: replayKey, gateways: () => gateways.views().map(({ address }) => address) })
        : null,
    clock,
    logs: (replicaId, lines, signal) => parts.platform.logs(replicaId, lines, signal),
    counters: (replicaId) => engines.counters(replicaId),
    changed: kick,
  });
  const scaling = new ScalingLoop({
    ...shared,
    clock,
    signals: () => engines.withGateways(arrivals.read()),
    waiting: () => arrivals.waiting,
    facts: () => judgements.current().scaling,
    startsSoFar: () => starts.distribution(),
    spares: parts.spares.deskOf(scope),
    ahead: (asked) => calendar.ahead(asked),
    wakeMs: () => sleep.wakeMs(),
  });
  const ledger = new ServiceLedger(parts.ledger, scope, () => {
    const { capacity = null, capacityDoubt } = judgements.current().scaling ?? {};
    const holds = capacity !== null && capacity.stated !== true && capacityDoubt === undefined;
    return holds ? capacity.ratePerSecond : null;
  });
  const reconciler = new Reconciler({
    ...shared,
    clock,
    runner,
    gateways,
    inbox,
    scaling,
    ledger,
    sleep,
    liveness,
    measuredGolden: () => judgements.current().measured?.golden,
    fence,
    publish,
  });
  const journaled = new JournaledRollbacks({
    ...shared,
    clock,
    watch: async (signal) => ({
      // No turn probes while the store is away: each is asked now.
      replicas: await liveness.askNow(
        await parts.platform.observe(scope, signal),
        reconciler.lastState()?.releases ?? [],
        signal,
      ),
      gateways: gateways.states(),
    }),
    standing: () => lease.standing(),
    fence,
    publish,
  });
  const judgements = new JudgementCache(parts.judgements, clock, (thrown) => {
    log.warn({ err: thrown }, 'the evidence could not be judged; the last judgement stands for a minute');
  });
  const drift = new DriftWatch({
    ...parts,
    log,
    routed: routing.replicas,
    fence,
    terms: () => judgements.current().monitoring,
    measured: () => judgements.current().measured?.evaluation,
    recorded: outdate,
  });
  const golden = new GoldenWatch({
    ...shared,
    clock,
    fence,
    key: replayKey,
    gateways: () => gateways.views().map(({ address }) => address),
    inFlight: (replicaId) => gateways.inFlight(replicaId),
    terms: () => judgements.current().replay,
    measured: () => judgements.current().measured?.golden,
    recorded: outdate,
  });
  const triage = new AlarmTriage({
    ...shared,
    clock,
    fence,
    replays: golden,
    terms: () => judgements.current().monitoring,
    recorded: outdate,
  });
  const tellHealth = (): Health => health.tell(lease.held(), parts.astray());
  const sourceFor = (by: string, grants: readonly Grant[]): OperationsSource =>
    makeServiceSource(
      {
        ...{ parts, judgements, reconciler, runner, gateways, scaling, healthWatch, journaled, deciding },
        ...{ begin, outdate, tell: tellHealth },
        testNotify: async () => (await notifier?.test()) ?? [],
      },
      by,
      grants,
    );
  const operationsFor = (by: string, grants: readonly Grant[]): Operations => {
    const operations = makeOperations(sourceFor(by, grants));
    return {
      ...operations,
      addLabels: (request) =>
        takeLabels({ ...parts, inbox, isRecorded: judgements.current().labels !== null }, request),
      rollback: (request) => journaled.rollback(by, request, () => operations.rollback(request)),
    };
  };
  const healthWatch = new HealthWatch({ ...parts, fence, samples: () => page.latestSignals(120) });
  const page = new PageFeeds({
    ...parts,
    recorded: (event) => {
      healthWatch.recorded(event);
    },
    operations: operationsFor('control-plane', []),
    batchFillShare: () => engines.batchFillShare(),
  });
  const notifier =
    parts.alerts === null
      ? null
      : new Notifier({ ...parts, ...parts.alerts, fence, health: () => page.latestView()?.health ?? null });
  const turns = new ServiceTurns({
    clock,
    lease,
    reconciler,
    journaled,
    scaling,
    engines,
    judgements,
    page,
    healthWatch,
    triage,
    golden,
    drift,
    watches: new EvidenceWatches({ ...parts, log, watches, fence, recorded: outdate }),
    labels: new LabelJudge({ ...parts, fence, plan: () => judgements.current().labels }),
    asks: makeOpenAsks({
      ...parts,
      log,
      sourceFor: ({ by, grants = [] }) => sourceFor(by, grants),
    }),
    notifier,
    health,
    beside,
    begin,
    turned: (outcome, tookMs) => {
      parts.turned(outcome, tookMs);
    },
  });
  return {
    ...{ routing, gateways, inbox, arrivals, scaling, sleep, liveness, ledger, reconciler, journaled, judgements },
    ...{ drift, replayKey, page, healthWatch, notifier, turns, beside, runBeside, outdate, tellHealth, operationsFor },
  };
}

import { localOperator } from '../../core/access/requester.ts';
import { testJudging } from './test-judging.ts';
import { pino } from 'pino';
import { ControlPlane, type ControlPlaneParts } from '../../control-plane/control-plane.ts';
import { controlPlaneHttp } from '../../control-plane/http/control-plane-http.ts';
import type { ServiceControl } from '../../control-plane/service/service-control.ts';
import type { OwnParts } from '../../control-plane/service/service-parts.ts';
import type { ServiceScope } from '../../control-plane/service/service-scope.ts';
import type { HttpParts, HttpService, Server } from '../../control-plane/http/http-parts.ts';
import { controlPlaneLease } from '../../core/rollout/names.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { Judging } from '../../control-plane/judging/judging.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { Promises } from '../../core/contract/promises.ts';
import { noScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { AdmittedReplicas, Platform, ReplicaOwner } from '../../ports/serving/platform.ts';
import type { PlatformNotice } from '../../ports/serving/platform-notice.ts';
import type { ReplicaSleeper } from '../../ports/serving/replica-sleeper.ts';
import type { ReadIdentity } from '../../ports/serving/replica-identity.ts';
import type { Policy } from '../../core/scaling/policy.ts';
import { hold } from '../../core/scaling/policies/hold.ts';
import type { ModelPlaces } from '../../ports/artifacts/model-places.ts';
import type { Journal } from '../../ports/records/journal.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Store } from '../../ports/records/store.ts';
import { openTestServer } from './control-plane-server.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { FakeMetricsSource } from '../fakes/fake-metrics-source.ts';
import { FakeMachine } from '../fakes/fake-platform.ts';
import { FakeReplicaClient } from '../fakes/fake-replica-client.ts';
import { memoryBlobs } from '../fakes/memory/memory-blobs.ts';
import { memoryJournal } from '../fakes/memory/memory-journal.ts';
import { memoryStore } from '../fakes/memory/memory-store.ts';
import { freshGolden } from '../builders/release-fixture.ts';
import { testEnvironment, testService } from '../builders/rollout-builders.ts';
import { digestOf } from '../../core/units/digest.ts';

/** The golden evidence of the shown release, as `digestOfMeasured` gives it. */
export const measuredGolden = digestOf('golden evidence');

/** A control plane on fakes, with time that moves only when a test says so. */
export class ControlPlaneRig {
  readonly clock = new FakeClock();
  readonly machine = new FakeMachine(this.clock);
  readonly client = new FakeReplicaClient();
  readonly store: Store;
  readonly blobs = memoryBlobs();
  readonly dead = new Set<string>();
  journal: Journal = memoryJournal();
  /** What judging the evidence waits for. */
  judging: () => Promise<void> = () => Promise.resolve();
  /** No replica exports anything until a test shows something. */
  readonly metricsSource = new FakeMetricsSource(this.clock);
  hardware: OwnParts['hardware'] = null;
  costs: OwnParts['costs'] = null;
  alerts: OwnParts['alerts'] = null;
  policy: Policy = hold;
  /** Where models are fetched from. */
  fetching: ModelPlaces | null = null;
  /** The machine that replicas run on, for the ledger; nobody can look at it while null. */
  node: NodeFacts | null = null;
  scaling = noScalingFacts;
  promises: Promises | null = null;
  monitoring: MonitoringTerms | null = null;
  /** Before it is asked what runs of a service. */
  observing: (owner: ReplicaOwner) => Promise<void> = () => Promise.resolve();
  /** Who answers at an endpoint; nobody is asked while null. */
  identityOf: ReadIdentity | null = null;
  /** Puts replicas to sleep; none can while null. */
  sleeper: ReplicaSleeper | null = null;
  /** What the platform was told last of replicas that are admitted. */
  admitted: AdmittedReplicas | null = null;
  /** Before the platform takes it. */
  admitting: () => Promise<void> = () => Promise.resolve();
  /** What the platform did by itself, and is about to tell. */
  notices: PlatformNotice[] = [];
  services: readonly ServiceScope[] | null = [{ service: testService, environment: testEnvironment }];
  platformHangs = false;
  /** Replicas are asked whether they answer. */
  probesEngines = false;
  starts: OwnParts['starts'] = { measured: async () => null };
  evidence: OwnParts['evidence'] = { measured: async () => null };
  controlPlane!: ControlPlane;
  #stop = new AbortController();
  #running: Promise<'stopped' | 'lease-lost'> = Promise.resolve('stopped');

  constructor(store: Store = memoryStore()) {
    this.store = store;
  }

  /** Whoever asks what runs waits for ever while `platformHangs`, whatever it is told. */
  #platform(): Platform {
    const platform = this.machine.platform();
    const observe = platform.observe.bind(platform);
    return Object.assign(platform, {
      takeNotices: () => this.notices.splice(0),
      setAdmitted: async (_owner: ReplicaOwner, replicas: AdmittedReplicas) => {
        await this.admitting();
        this.admitted = replicas;
      },
      observe: (...asked: Parameters<Platform['observe']>) =>
        this.platformHangs
          ? new Promise<never>(() => undefined)
          : this.observing(asked[0]).then(() => observe(...asked)),
    });
  }

  parts(identity = 'host:boot:1:1'): ControlPlaneParts {
    return {
      services: this.services,
      plimsollVersion: '0.0.0',
      store: this.store,
      blobs: this.blobs,
      journal: this.journal,
      platform: this.#platform(),
      replicaClientFor: () => this.client,
      probesEngines: this.probesEngines,
      ...(this.identityOf === null
        ? {}
        : { identityOf: (...asked) => this.identityOf?.(...asked) ?? Promise.resolve(null) }),
      ...(this.sleeper === null ? {} : { sleeper: this.sleeper }),
      clock: this.clock,
      bundles: this.#judging(),
      policy: this.policy,
      metricsSource: this.metricsSource,
      openService: () => this.#own(),
      identity,
      isDead: async (holder) => this.dead.has(holder),
      log: pino({ level: 'silent' }),
    };
  }

  #judging(): Judging {
    const judging = testJudging(this.blobs);
    const { node } = this;
    const nodes = node === null ? judging.nodes : { ...judging.nodes, probe: async () => node };
    return { ...judging, nodes, fetching: this.fetching };
  }

  #own(): OwnParts {
    return {
      judgements: {
        judge: async () => {
          await this.judging();
          const { scaling, promises, monitoring } = this;
          const [evidence, measured] = [[freshGolden], { golden: measuredGolden }];
          return { owner: 'vision', release: null, evidence, measured, readiness: [], scaling, promises, monitoring };
        },
      },
      hardware: this.hardware,
      starts: this.starts,
      evidence: this.evidence,
      costs: this.costs,
      alerts: this.alerts,
      pools: async () => [],
    };
  }

  /** The only service that is held. */
  get service(): ServiceControl {
    return this.controlPlane.services.find({});
  }

  async start(identity?: string): Promise<void> {
    this.#stop = new AbortController();
    this.controlPlane = await ControlPlane.take(this.parts(identity), this.#stop.signal);
    this.#running = this.controlPlane.run(this.#stop.signal);
    await this.pass(0);
  }

  /** As a kill: nothing is said, nothing released. */
  async crash(identity = 'host:boot:1:1'): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.dead.add(identity);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.controlPlane.close('the test is over');
  }

  outcome(): Promise<'stopped' | 'lease-lost'> {
    return this.#running;
  }

  /** Moves time on in small steps, and lets the turns and replays that follow from each finish. */
  async pass(durationMs: number): Promise<void> {
    for (let leftMs = durationMs; ; leftMs -= 250) {
      for (let round = 0; round < 8; round += 1) await settled();
      if (leftMs <= 0) return;
      await this.clock.advance(Math.min(250, leftMs));
    }
  }

  operations(by = 'ada'): Operations {
    return this.controlPlane.operationsFor(by, localOperator);
  }

  async events(prefix = ''): Promise<readonly string[]> {
    const events = await this.store.events({
      service: testService,
      environment: testEnvironment,
      kindPrefix: prefix,
    });
    return events.map((event) => event.kind);
  }

  get lease(): string {
    return controlPlaneLease;
  }

  server(over: Partial<HttpParts & HttpService> = {}): Promise<Server> {
    return openTestServer({ store: this.store, ...controlPlaneHttp(this.controlPlane), ...over });
  }
}

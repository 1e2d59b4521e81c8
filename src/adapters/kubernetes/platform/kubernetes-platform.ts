import { PlimsollError, asPlimsollError } from '../../../core/units/errors.ts';
import type { NodeFacts } from '../../../core/pool/node-facts.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { Random } from '../../../ports/process/random.ts';
import type { PlatformNotice } from '../../../ports/serving/platform-notice.ts';
import type { ProbeOverTls } from '../../../ports/serving/probe-over-tls.ts';
import type { ReplicaFileList } from '../../../ports/serving/replica-files.ts';
import type { AdmittedReplicas, Platform, ReplicaOwner, ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import type { PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ApiClient } from '../api/api-client.ts';
import { containerName, labelOf } from '../manifests/labels.ts';
import { listPodFiles } from '../files/pod-files.ts';
import { PodTokens, type ProvenPod } from '../files/pod-tokens.ts';
import { userId } from '../manifests/deployment.ts';
import type { ManifestOptions, Placement } from '../manifests/placement.ts';
import { PodClaims } from './devices/pod-claims.ts';
import { describeDevices } from './devices/pod-devices.ts';
import { seconds } from './seen/describe-start.ts';
import { CertificateChecks, type Served } from './seen/certificate-checks.ts';
import { observePod, readReplicaId } from './seen/observe-pod.ts';
import { keyOfOwner, ownerOf, PlatformWatches } from './platform-watches.ts';
import { endStuckPods } from './end-stuck-pods.ts';
import { SetKeeper } from './set-keeper.ts';
import { makeSetWriter } from './set-writer.ts';
import { ServingKeeper } from './serving/serving-keeper.ts';
import { SecretChanges } from './seen/secret-changes.ts';
import { PodTemplates } from './seen/pod-templates.ts';
import { StartReports } from './seen/start-reports.ts';
import { observeMissing } from './seen/observe-missing.ts';

export interface KubernetesPlatformOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly manifest: ManifestOptions;
  /** Where replicas of a service may run; anywhere by default. */
  readonly placement?: (owner: ReplicaOwner, spec: ReplicaSetSpec) => Placement;
  /** Of a node by its name, as it was last read; null where nodes are not read. */
  readonly nodeFacts?: (node: string) => NodeFacts | null;
  /** Asks replicas with a certificate whether they are ready; without it none of them is. */
  readonly probeOverTls?: ProbeOverTls;
}

interface Want {
  readonly owner: ReplicaOwner;
  readonly sets: readonly ReplicaSetSpec[];
  readonly untouched: readonly string[];
}

/** So much output is read of a container for the phases that it reports. */
const reportBytes = 65_536;
/** Notices that nobody takes are forgotten, the oldest first. */
const noticesAtMost = 100;
const settleMs = 100;
const retryMs = 2_000;
/** What was seen is called old once the API server has been silent for this long. */
const staleMs = 10_000;

/**
 * Replicas as pods: a Deployment for each set, in one namespace, with the rights of one Role. What is there is held by
 * watches, so that looking costs the API server nothing. While the API server is away, what was last seen is shown, with
 * its age. A Deployment that somebody changes or removes is put back, and said by a notice; the number of replicas is
 * left to others where a set says so.
 */
export class KubernetesPlatform implements Platform {
  readonly name = 'kubernetes';
  readonly rights = { runAs: `user ${userId} of pods that are restricted`, areOwn: false };
  readonly #options: KubernetesPlatformOptions;
  readonly #watches: PlatformWatches;
  readonly #keepers = new Map<string, SetKeeper>();
  readonly #reports: StartReports;
  readonly #claims: PodClaims;
  readonly #templates: PodTemplates;
  readonly #certificates: CertificateChecks;
  readonly #secrets: SecretChanges;
  readonly #tokens: PodTokens;
  readonly #closing = new AbortController();
  readonly #wants = new Map<string, Want>();
  readonly #admitted = new Map<string, { readonly keeper: ServingKeeper; replicas: AdmittedReplicas }>();
  readonly #work = new Map<string, Promise<void>>();
  readonly #due = new Set<string>();
  readonly #seenSets = new Set<string>();
  readonly #notices = new Map<string, PlatformNotice[]>();
  #tell: (owner: ReplicaOwner) => void = () => undefined;

  constructor(options: KubernetesPlatformOptions) {
    const { client, clock, random, manifest } = options;
    const { namespace, installation } = manifest;
    this.#options = options;
    this.#tokens = new PodTokens(client, clock);
    this.#certificates = new CertificateChecks(options.probeOverTls ?? null, clock);
    this.#secrets = new SecretChanges(client, manifest, clock);
    this.#claims = new PodClaims(client, namespace, clock);
    this.#templates = new PodTemplates(client, namespace, clock);
    this.#watches = new PlatformWatches({
      client,
      clock,
      random,
      namespace,
      installation,
      onChange: (owner) => this.#changed(owner),
    });
    this.#reports = new StartReports(
      (pod, signal) => this.#readOutput(pod, { limitBytes: String(reportBytes) }, signal),
      clock,
    );
  }

  async apply(
    owner: ReplicaOwner,
    sets: readonly ReplicaSetSpec[],
    signal: AbortSignal,
    untouched: readonly string[] = [],
  ): Promise<void> {
    signal.throwIfAborted();
    await this.#watches.synced(signal);
    signal.throwIfAborted();
    const forbidden = this.#watches.forbidden();
    if (forbidden !== null) throw forbidden;
    this.#wants.set(keyOfOwner(owner), { owner, sets, untouched });
    await this.#keep(keyOfOwner(owner), AbortSignal.any([signal, this.#closing.signal]));
  }

  async setAdmitted(owner: ReplicaOwner, replicas: AdmittedReplicas, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await Promise.all([this.#watches.synced(signal), this.#watches.servicesSynced(signal)]);
    const key = keyOfOwner(owner);
    const known = this.#admitted.get(key);
    if (known !== undefined) known.replicas = replicas;
    else {
      const { client, clock, manifest } = this.#options;
      const notice = this.#noticeOf(owner);
      this.#admitted.set(key, { keeper: new ServingKeeper({ owner, client, clock, manifest, notice }), replicas });
    }
    await this.#serve(owner, AbortSignal.any([signal, this.#closing.signal]));
  }

  async observe(owner: ReplicaOwner, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    signal.throwIfAborted();
    await this.#watches.synced(signal);
    const deployments = this.#watches.deployments(owner);
    const pods = this.#watches.pods(owner);
    this.#reports.forgetGone(this.#watches.allPods());
    this.#claims.forgetGone(this.#watches.allPods());
    this.#templates.forgetGone(this.#watches.allPods());
    this.#certificates.forgetGone(this.#watches.allPods());
    const specOf = this.#lookBeside(owner, pods);
    await Promise.all([
      this.#reports.look(pods, signal),
      this.#claims.look(pods, signal),
      this.#templates.look(pods, signal),
    ]);
    const names = new Set(deployments.filter(({ isDeleted }) => !isDeleted).map(({ name }) => name));
    for (const name of names) this.#seenSets.add(name);
    const keeper = this.#keeperOf(owner);
    const seen = pods.map((pod) =>
      observePod(pod, {
        isWanted: names.has(setOf(pod)) || !this.#seenSets.has(setOf(pod)),
        changed: this.#templates.changes(pod, pods, keeper.templateOf(setOf(pod))),
        events: this.#watches.events(pod.uid),
        reported: this.#reports.reported(pod),
        firstReadyAtMs: this.#reports.firstReadyAtMs(pod),
        devices: describeDevices(pod.devices, {
          claimed: this.#claims.of(pod),
          said: this.#reports.devices(pod),
          node: this.#options.nodeFacts?.(pod.node ?? '') ?? null,
        }),
        certificateTrouble: this.#certificates.trouble(pod),
        outdated: this.#secrets.outdated(pod, specOf(pod)?.workload ?? { secrets: {} }),
      }),
    );
    const want = this.#wants.get(keyOfOwner(owner));
    const missing = observeMissing(want?.sets ?? [], deployments, pods, keeper.refusals(), this.#options.clock.nowMs());
    return this.#withAge([...seen, ...missing]);
  }

  /** Begins what is looked at beside the turn, which comes again where that changed something. Returns what says what a pod runs. */
  #lookBeside(owner: ReplicaOwner, pods: readonly PodObject[]): (pod: PodObject) => ReplicaSetSpec | null {
    const specs = new Map((this.#wants.get(keyOfOwner(owner))?.sets ?? []).map((spec) => [spec.set, spec]));
    const specOf = (pod: PodObject): ReplicaSetSpec | null => specs.get(setOf(pod)) ?? null;
    const changed = (): void => this.#tell(owner);
    const { signal } = this.#closing;
    this.#certificates.look(owner, pods, (pod) => servedBy(specOf(pod)), changed, signal);
    this.#secrets.look(
      owner,
      [...specs.values()].map(({ workload }) => workload),
      changed,
      signal,
    );
    return specOf;
  }

  /** The files of the pod that the token is bound to. @throws PlimsollError as `ReplicaFiles.list`. */
  listFiles(token: string, signal: AbortSignal): Promise<ReplicaFileList> {
    return listPodFiles(this.#tokens, (pod) => this.#specOfPod(pod, signal), token, signal);
  }

  async #specOfPod({ uid, namespace }: ProvenPod, signal: AbortSignal): Promise<ReplicaSetSpec | null> {
    await this.#watches.synced(signal);
    const pod = this.#watches.allPods().get(uid);
    if (pod === undefined || pod.isDeleted || namespace !== this.#options.manifest.namespace) return null;
    const want = this.#wants.get(keyOfOwner(ownerOf(pod.labels)));
    return want?.sets.find(({ set }) => set === setOf(pod)) ?? null;
  }

  /** Of a start that is over: what the container before wrote, which the node keeps for one start. */
  async logs(replicaId: string, lines: number, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const named = readReplicaId(replicaId);
    await this.#watches.synced(signal);
    const pod = this.#watches.podOfName(named?.pod ?? '');
    const restarts = pod?.container?.restarts ?? 0;
    if (named === null || pod === undefined || named.start > restarts || named.start < restarts - 1) return [];
    const previous: Readonly<Record<string, string>> = named.start === restarts ? {} : { previous: 'true' };
    const text = await this.#readOutput(pod.name, { tailLines: String(lines), ...previous }, signal).catch(
      emptyWhereGone,
    );
    return text
      .split('\n')
      .filter((line) => line !== '')
      .slice(-lines);
  }

  takeNotices(owner: ReplicaOwner): readonly PlatformNotice[] {
    const taken = this.#notices.get(keyOfOwner(owner)) ?? [];
    this.#notices.delete(keyOfOwner(owner));
    return taken;
  }

  tellChanges(changed: (owner: ReplicaOwner) => void): void {
    this.#tell = changed;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    await this.#watches.close();
    await Promise.allSettled(this.#work.values());
  }

  #keeperOf(owner: ReplicaOwner): SetKeeper {
    const known = this.#keepers.get(keyOfOwner(owner));
    if (known !== undefined) return known;
    const { client, clock, manifest, placement } = this.#options;
    const made = new SetKeeper({
      owner,
      writer: makeSetWriter(client, manifest.namespace),
      manifest,
      placement: placement ?? (() => ({})),
      notice: this.#noticeOf(owner),
      clock,
    });
    this.#keepers.set(keyOfOwner(owner), made);
    return made;
  }

  #noticeOf(owner: ReplicaOwner): (notice: Omit<PlatformNotice, 'atMs'>) => void {
    const key = keyOfOwner(owner);
    return (notice) => {
      const told = { ...notice, atMs: this.#options.clock.nowMs() };
      this.#notices.set(key, [...(this.#notices.get(key) ?? []), told].slice(-noticesAtMost));
    };
  }

  #withAge(replicas: readonly ObservedReplica[]): readonly ObservedReplica[] {
    const trouble = this.#watches.trouble();
    const ageMs = trouble === null ? 0 : this.#options.clock.nowMs() - trouble.sinceMs;
    if (trouble === null || ageMs < staleMs) return replicas;
    const note = `as it was ${seconds(ageMs)} ago: ${trouble.error.message}`;
    return replicas.map((replica) => ({ ...replica, reason: `${replica.reason}; ${note}` }));
  }

  async #readOutput(pod: string, more: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
    const path = `/api/v1/namespaces/${this.#options.manifest.namespace}/pods/${pod}/log`;
    const query = { container: containerName, ...more };
    const { status, text } = await this.#options.client.call({ method: 'GET', path, query, signal });
    return status === 200 ? text : '';
  }

  async #keep(key: string, signal: AbortSignal): Promise<void> {
    await this.#inTurn(key, () => this.#keepOnce(key, signal));
  }

  async #serve(owner: ReplicaOwner, signal: AbortSignal): Promise<void> {
    const key = keyOfOwner(owner);
    await this.#inTurn(`${key} serving`, async () => {
      const admitted = this.#admitted.get(key);
      await admitted?.keeper.keep(admitted.replicas, this.#watches.serving(owner), signal);
    });
  }

  /** One at a time for an owner; whoever asks while it runs waits for the run after it. */
  async #inTurn(key: string, work: () => Promise<void>): Promise<void> {
    const before = this.#work.get(key) ?? Promise.resolve();
    const run = before.catch(() => undefined).then(work);
    this.#work.set(key, run);
    await run;
  }

  async #keepOnce(key: string, signal: AbortSignal): Promise<void> {
    const want = this.#wants.get(key);
    if (want === undefined) return;
    const { owner, sets, untouched } = want;
    await this.#keeperOf(owner).keep(
      sets,
      untouched,
      this.#watches.deployments(owner),
      this.#watches.pods(owner),
      signal,
    );
    const stuck = sets.flatMap((set) => set.stuck ?? []);
    const { client, manifest } = this.#options;
    await endStuckPods(client, manifest.namespace, this.#watches.pods(owner), stuck, signal);
  }

  /** A moment later, since changes come in numbers. */
  #changed(owner: ReplicaOwner | null): void {
    for (const want of owner === null ? this.#wants.values() : [this.#wants.get(keyOfOwner(owner))])
      if (want !== undefined) this.#keepSoon(want.owner, settleMs);
  }

  #keepSoon(owner: ReplicaOwner, waitMs: number): void {
    const key = keyOfOwner(owner);
    if (this.#due.has(key)) return;
    this.#due.add(key);
    const { signal } = this.#closing;
    void this.#options.clock
      .sleep(waitMs, signal)
      .then(async () => {
        this.#due.delete(key);
        this.#tell(owner);
        await this.#serve(owner, signal).finally(() => this.#keep(key, signal));
      })
      .catch((thrown: unknown) => {
        if (!signal.aborted && asPlimsollError(thrown).category !== 'bug') this.#keepSoon(owner, retryMs);
      });
  }
}

const servedBy = (spec: ReplicaSetSpec | null): Served | null =>
  spec === null ? null : { protocol: spec.workload.protocol, model: spec.workload.model.name };

const setOf = (pod: PodObject): string => pod.labels[labelOf.set] ?? '';

/** A container that has not started has no output, and the API says so with an error. */
function emptyWhereGone(thrown: unknown): string {
  if (thrown instanceof PlimsollError && thrown.details['status'] === 400) return '';
  throw thrown;
}

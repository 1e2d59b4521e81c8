import { asPlimsollError, type PlimsollError } from '../../../core/units/errors.ts';
import { digestOf, type Digest } from '../../../core/units/digest.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { ReplicaOwner, ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import type { PlatformNotice } from '../../../ports/serving/platform-notice.ts';
import { findChangedFields } from '../../../protocols/kubernetes-objects/changed-fields.ts';
import { isObject, objectAt, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { DeploymentObject } from '../../../protocols/kubernetes-objects/pods/deployment-object.ts';
import type { PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { makeDeployment, makePodTemplate } from '../manifests/deployment.ts';
import { makeReplicaBudget } from '../manifests/disruption-budget.ts';
import { annotationOf, labelOf } from '../manifests/labels.ts';
import type { ManifestOptions, Placement } from '../manifests/placement.ts';
import { decideScale, type ScaleDecision } from './decide-scale.ts';
import type { AppliedDeployment, SetWriter } from './set-writer.ts';

export interface SetKeeperParts {
  readonly owner: ReplicaOwner;
  readonly writer: SetWriter;
  readonly manifest: ManifestOptions;
  readonly placement: (owner: ReplicaOwner, spec: ReplicaSetSpec) => Placement;
  readonly notice: (notice: Omit<PlatformNotice, 'atMs'>) => void;
  readonly clock: Clock;
}

/** Why a set cannot be made as it is asked for; the other sets go on. */
export interface Refusal {
  readonly error: PlimsollError;
  readonly sinceMs: number;
}

/** What was applied last, and what the API server made of it. */
interface Applied {
  readonly digest: Digest;
  readonly uid: string;
  readonly generation: number;
  readonly atMs: number;
  /** As it was made: what others write into the annotation of the Deployment does not count. */
  readonly template: JsonObject;
  /** With what the API server filled in. */
  readonly spec: JsonObject;
  /** Without a number of replicas. */
  readonly isCountedByAnother: boolean;
  /** The watch has shown it. */
  readonly isSeen: boolean;
}

/** Errors that are of one set alone. */
const ofOneSet = new Set(['input', 'conflict', 'refused']);
const unavailableForSet = new Set(['replica-files-missing']);
/** The watch shows what was applied within this time, or it was removed. */
const seenWithinMs = 10_000;

/** Brings the Deployments of an owner to what is wanted, with as few calls as that takes: none when nothing moved. */
export class SetKeeper {
  readonly #parts: SetKeeperParts;
  readonly #applied = new Map<string, Applied>();
  /** Uid of the Deployment that has one, by set. */
  readonly #budgets = new Map<string, string>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #waits = new Map<string, string>();
  readonly #removed = new Set<string>();

  constructor(parts: SetKeeperParts) {
    this.#parts = parts;
  }

  /** By set. */
  refusals(): ReadonlyMap<string, Refusal> {
    return this.#refusals;
  }

  /** The pod template of a set, as the API server has it; undefined before it was applied. */
  templateOf(set: string): JsonObject | undefined {
    const applied = this.#applied.get(set);
    return applied === undefined ? undefined : objectAt(applied.spec, 'template');
  }

  /**
   * All sets are tried, whatever becomes of one of them.
   * @throws PlimsollError the first that is not of one set alone: no right, no API server.
   */
  async keep(
    sets: readonly ReplicaSetSpec[],
    untouched: readonly string[],
    deployments: readonly DeploymentObject[],
    pods: readonly PodObject[],
    signal: AbortSignal,
  ): Promise<void> {
    const failures: PlimsollError[] = [];
    const attempt = async (set: string, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
        this.#refusals.delete(set);
      } catch (thrown) {
        signal.throwIfAborted();
        const error = asPlimsollError(thrown);
        if (!ofOneSet.has(error.category) && !unavailableForSet.has(error.code)) failures.push(error);
        else this.#refusals.set(set, { error, sinceMs: this.#refusals.get(set)?.sinceMs ?? this.#parts.clock.nowMs() });
      }
    };
    const byName = new Map(deployments.filter(({ isDeleted }) => !isDeleted).map((each) => [each.name, each]));
    for (const spec of sets) {
      const own = pods.filter(({ labels }) => labels[labelOf.set] === spec.set);
      await attempt(spec.set, () => this.#keepSet(spec, byName.get(spec.set), own, signal));
    }
    const named = new Set([...sets.map(({ set }) => set), ...untouched]);
    for (const deployment of byName.values()) {
      if (!named.has(deployment.name)) await attempt(deployment.name, () => this.#remove(deployment, signal));
    }
    for (const kept of [this.#applied, this.#refusals, this.#waits, this.#budgets]) {
      for (const set of kept.keys()) if (!named.has(set) && !byName.has(set)) kept.delete(set);
    }
    if (failures[0] !== undefined) throw failures[0];
  }

  async #remove({ name, uid }: DeploymentObject, signal: AbortSignal): Promise<void> {
    if (this.#removed.has(uid)) return;
    await this.#parts.writer.remove(name, uid, signal);
    this.#removed.add(uid);
    this.#applied.delete(name);
  }

  async #keepSet(
    spec: ReplicaSetSpec,
    found: DeploymentObject | undefined,
    pods: readonly PodObject[],
    signal: AbortSignal,
  ): Promise<void> {
    const { owner, manifest, placement, writer, clock } = this.#parts;
    const { isCountedByAnother = false } = spec;
    const applied = this.#applied.get(spec.set);
    if (found === undefined && applied !== undefined && !applied.isSeen && clock.nowMs() - applied.atMs < seenWithinMs)
      return;
    const decision = this.#decideCount(spec, found, pods);
    const known = found === undefined ? null : (applied?.template ?? templateOf(found));
    const template = known ?? makePodTemplate(owner, spec, placement(owner, spec), manifest);
    const wanted = makeDeployment(owner, spec, decision.replicas, template, manifest);
    const digest = digestOf(wanted);
    for (const pod of decision.mark) await writer.mark(pod, true, signal);
    if (!this.#isAsApplied(found, applied, digest)) {
      if (isCountedByAnother && found !== undefined && applied?.isCountedByAnother !== true) {
        await writer.handOverCount(spec.set, found.replicas, signal);
      }
      const made = await writer.apply(wanted, signal);
      this.#applied.set(spec.set, {
        ...made,
        digest,
        template,
        atMs: clock.nowMs(),
        isCountedByAnother,
        isSeen: found?.uid === made.uid,
      });
      this.#tellChange(spec, found, applied?.digest === digest ? applied : undefined, made);
    }
    await this.#keepBudget(spec, signal);
    for (const pod of decision.unmark) await writer.mark(pod, false, signal);
  }

  /** Once for each Deployment, when it has two replicas for the first time. Without the right there is none. */
  async #keepBudget({ set, replicas, isCountedByAnother = false }: ReplicaSetSpec, signal: AbortSignal): Promise<void> {
    const { owner, writer, manifest, notice } = this.#parts;
    const uid = this.#applied.get(set)?.uid;
    if (uid === undefined || this.#budgets.get(set) === uid || (replicas < 2 && !isCountedByAnother)) return;
    try {
      await writer.makeBudget(makeReplicaBudget(owner, set, uid, manifest), signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const { code, message, next } = asPlimsollError(thrown);
      if (code !== 'cluster-forbidden' && code !== 'cluster-refused') throw thrown;
      notice({
        kind: 'no-disruption-budget',
        name: set,
        message: `${set} has no disruption budget: ${message}; next: ${next ?? ''}`,
      });
    }
    this.#budgets.set(set, uid);
  }

  #decideCount(spec: ReplicaSetSpec, found: DeploymentObject | undefined, pods: readonly PodObject[]): ScaleDecision {
    const { set } = spec;
    const asked = { replicas: spec.replicas, waitsFor: null, mark: [], unmark: [] };
    if (found === undefined || spec.isCountedByAnother === true) return asked;
    const decision = decideScale(pods, spec.replicas, found.replicas, spec.stopFirst);
    if (decision.waitsFor === null) this.#waits.delete(set);
    else if (this.#waits.get(set) !== decision.waitsFor) {
      this.#waits.set(set, decision.waitsFor);
      const message = `${set} keeps ${decision.replicas} replicas for now, ${spec.replicas} are wanted: ${decision.waitsFor}`;
      this.#parts.notice({ kind: 'scale-down-waits', name: set, message });
    }
    return decision;
  }

  /** An object of the watch that is older than what was applied says nothing. */
  #isAsApplied(found: DeploymentObject | undefined, applied: Applied | undefined, digest: Digest): boolean {
    if (found === undefined || applied === undefined || applied.digest !== digest || applied.uid !== found.uid)
      return false;
    if (!applied.isSeen && found.generation >= applied.generation) {
      this.#applied.set(found.name, { ...applied, isSeen: true });
    }
    return found.generation <= applied.generation;
  }

  /** Says what was done, once it is done. @param applied what was applied before, where the same was. */
  #tellChange(
    { set, replicas, isCountedByAnother = false }: ReplicaSetSpec,
    found: DeploymentObject | undefined,
    applied: Applied | undefined,
    made: AppliedDeployment,
  ): void {
    const { notice } = this.#parts;
    if (applied !== undefined && applied.uid !== made.uid) {
      const message = `the Deployment ${set} was removed by somebody else, and is made again`;
      notice({ kind: 'deployment-made-again', name: set, message });
      return;
    }
    if (found === undefined) return;
    const isCount = (field: string): boolean => field === 'replicas';
    const changed = applied === undefined ? made.removed : findChangedFields(found.spec, made.spec);
    const putBack = changed.filter((field) => !isCount(field));
    if (applied !== undefined && !isCountedByAnother && found.replicas !== made.spec['replicas']) {
      const message = `somebody else set the Deployment ${set} to ${found.replicas} replicas; it is put back to ${String(made.spec['replicas'] ?? replicas)}`;
      notice({ kind: 'replicas-put-back', name: set, message });
    }
    if (putBack.length > 0) {
      const message = `somebody else changed ${listFields(putBack)} of the Deployment ${set}; it is put back`;
      notice({ kind: 'deployment-put-back', name: set, message });
    }
    const stays = findChangedFields(applied?.spec ?? made.spec, made.spec).filter((field) => !isCount(field));
    if (stays.length > 0) {
      const message = `the cluster itself writes ${listFields(stays)} of the Deployment ${set}, by an admission policy or a new version; it stays`;
      notice({ kind: 'deployment-changed-by-cluster', name: set, message });
    }
  }
}

const fieldsAtMost = 5;

function listFields(fields: readonly string[]): string {
  const more = fields.length - fieldsAtMost;
  return `${fields.slice(0, fieldsAtMost).join(', ').slice(0, 500)}${more > 0 ? ` and ${more} more` : ''}`;
}

function templateOf(found: DeploymentObject | undefined): JsonObject | null {
  try {
    const template: unknown = JSON.parse(found?.annotations[annotationOf.template] ?? '');
    return isObject(template) ? template : null;
  } catch {
    return null;
  }
}

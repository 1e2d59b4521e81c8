import { PlimsollError } from '../../../../core/units/errors.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import { textOf } from '../../../../protocols/kubernetes-objects/json-object.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { admittedCondition } from '../../manifests/labels.ts';
import { decideGate } from './decide-gate.ts';

interface Sent {
  readonly text: string;
  readonly atMs: number;
}

/** The watch shows what was written within this time, or it is written again. */
const seenWithinMs = 10_000;

/** Opens and closes the readiness gates of an owner's pods. Nothing is written where nothing changes. */
export class GateWriter {
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #clock: Clock;
  readonly #sent = new Map<string, Sent>();

  constructor(client: ApiClient, namespace: string, clock: Clock) {
    this.#client = client;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  /** @param admitted replica ids. @throws PlimsollError as `ApiClient.call`. */
  async keep(pods: readonly PodObject[], admitted: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const present = new Set(pods.map(({ uid }) => uid));
    for (const uid of this.#sent.keys()) if (!present.has(uid)) this.#sent.delete(uid);
    for (const pod of pods) {
      const gate = pod.isDeleted ? null : decideGate(pod, admitted);
      if (gate === null) this.#sent.delete(pod.uid);
      else {
        const status = gate.isOpen ? 'True' : 'False';
        await this.#write(pod, { type: admittedCondition, status, reason: gate.reason, message: gate.message }, signal);
      }
    }
  }

  async #write(pod: PodObject, condition: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    const text = JSON.stringify(condition);
    const nowMs = this.#clock.nowMs();
    const sent = this.#sent.get(pod.uid);
    if (sent?.text === text && nowMs - sent.atMs < seenWithinMs) return;
    const lastTransitionTime = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
    const reply = await this.#client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${this.#namespace}/pods/${pod.name}/status`,
      // Of another pod of that name the API server refuses the uid.
      body: { metadata: { uid: pod.uid }, status: { conditions: [{ ...condition, lastTransitionTime }] } },
      contentType: 'application/strategic-merge-patch+json',
      signal,
    });
    const said = textOf(reply.body['message']) ?? '';
    // What is gone needs no gate.
    const isGone = reply.status === 404 || said.includes('metadata.uid');
    if (reply.status > 299 && !isGone) throw invalid(pod.name, reply.status, said);
    this.#sent.set(pod.uid, { text, atMs: nowMs });
  }
}

function invalid(pod: string, status: number, said: string): PlimsollError {
  return new PlimsollError({
    code: 'gate-invalid',
    category: status === 409 ? 'conflict' : 'input',
    message: `the cluster does not take the condition of the pod ${pod} (${status}): ${said.slice(0, 1_000)}`,
    next: `kubectl describe pod ${pod}`,
    details: { pod, status },
  });
}

import { PlimsollError } from '../../../core/units/errors.ts';
import { findChangedFields } from '../../../protocols/kubernetes-objects/changed-fields.ts';
import { objectAt, textOf, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ApiClient } from '../api/api-client.ts';
import { annotationOf, fieldManager, labelOf } from '../manifests/labels.ts';
import { lowestCost } from './decide-scale.ts';

/** What the API server made of an applied Deployment. */
export interface AppliedDeployment {
  readonly uid: string;
  readonly generation: number;
  /** As the API server has it now, with its defaults. */
  readonly spec: JsonObject;
  /** Fields that others had added, and that were taken away. */
  readonly removed: readonly string[];
}

export interface SetWriter {
  /**
   * Server-side apply, which creates what is not there. That leaves fields that another manager added, so the
   * specification of a Deployment that was there is then replaced as a whole: the API server fills in its defaults again.
   * @throws PlimsollError `deployment-taken` (conflict), `deployment-invalid` (input), and as `ApiClient.call`.
   */
  apply(manifest: JsonObject, signal: AbortSignal): Promise<AppliedDeployment>;
  /** Gives the count to whoever scales, so that leaving it out does not reset it to 1. */
  handOverCount(set: string, replicas: number, signal: AbortSignal): Promise<void>;
  /**
   * Makes what is not there yet; a name that is there already is left.
   * @throws PlimsollError as `ApiClient.call`.
   */
  makeBudget(manifest: JsonObject, signal: AbortSignal): Promise<void>;
  /** The pods are told to end by the garbage collector. Nothing happens to another Deployment of that name. */
  remove(set: string, uid: string, signal: AbortSignal): Promise<void>;
  /** Sets or takes away the lowest deletion cost. */
  mark(pod: PodObject, isMarked: boolean, signal: AbortSignal): Promise<void>;
}

const applyType = 'application/apply-patch+yaml';
const replaceType = 'application/json-patch+json';
const mostConflicts = 3;

export function makeSetWriter(client: ApiClient, namespace: string): SetWriter {
  const deploymentPath = (set: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/${set}`;
  const applyAs = async (
    manager: string,
    set: string,
    manifest: JsonObject,
    signal: AbortSignal,
  ): Promise<{ readonly isNew: boolean; readonly body: JsonObject }> => {
    for (let attempt = 1; ; attempt += 1) {
      const query = { fieldManager: manager, force: 'true' };
      const path = deploymentPath(set);
      const { status, body } = await client.call({
        method: 'PATCH',
        path,
        query,
        body: manifest,
        contentType: applyType,
        signal,
      });
      if (status === 200 || status === 201) return { isNew: status === 201, body };
      if (status === 409 && attempt < mostConflicts) continue;
      throw await whyNotApplied(client, path, set, manifest, status, body, signal);
    }
  };
  /** Null where somebody changed it since it was applied. A replacement that changes nothing is not written. */
  const replaceSpec = async (
    set: string,
    manifest: JsonObject,
    applied: JsonObject,
    signal: AbortSignal,
  ): Promise<JsonObject | null> => {
    const { uid, generation } = objectAt(applied, 'metadata');
    // Where another one counts, the manifest has no number.
    const value = { replicas: objectAt(applied, 'spec')['replicas'], ...objectAt(manifest, 'spec') };
    const { status, body } = await client.call({
      method: 'PATCH',
      path: deploymentPath(set),
      query: { fieldManager },
      body: [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'test', path: '/metadata/generation', value: generation },
        { op: 'replace', path: '/spec', value },
      ],
      contentType: replaceType,
      signal,
    });
    return status === 200 ? body : null;
  };
  return {
    async apply(manifest, signal) {
      const set = textOf(objectAt(manifest, 'metadata')['name']) ?? '';
      for (let attempt = 1; ; attempt += 1) {
        const { isNew, body } = await applyAs(fieldManager, set, manifest, signal);
        const replaced = isNew ? body : await replaceSpec(set, manifest, body, signal);
        // Changed in between: the watch tells of it once more.
        if (replaced !== null || attempt === mostConflicts) return appliedOf(body, replaced ?? body);
      }
    },
    async handOverCount(set, replicas, signal) {
      const manifest = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: set, namespace },
        spec: { replicas },
      };
      await applyAs(`${fieldManager}-handed-over`, set, manifest, signal);
    },
    async makeBudget(body, signal) {
      const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
      await client.call({ method: 'POST', path, body, signal });
    },
    async remove(set, uid, signal) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: { uid } };
      await client.call({ method: 'DELETE', path: deploymentPath(set), body, signal });
    },
    async mark(pod, isMarked, signal) {
      const annotations = { [annotationOf.deletionCost]: isMarked ? lowestCost : null };
      const body = { metadata: { uid: pod.uid, annotations } };
      const path = `/api/v1/namespaces/${namespace}/pods/${pod.name}`;
      // A pod that is gone needs no mark.
      await client.call({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json', signal });
    },
  };
}

function appliedOf(applied: JsonObject, body: JsonObject): AppliedDeployment {
  const metadata = objectAt(body, 'metadata');
  return {
    uid: textOf(metadata['uid']) ?? '',
    generation: Number(metadata['generation'] ?? 0),
    spec: objectAt(body, 'spec'),
    removed: findChangedFields(objectAt(applied, 'spec'), objectAt(body, 'spec')),
  };
}

/** Selectors never change, so that a Deployment that selects other pods is another's. */
async function whyNotApplied(
  client: ApiClient,
  path: string,
  set: string,
  manifest: JsonObject,
  status: number,
  body: JsonObject,
  signal: AbortSignal,
): Promise<PlimsollError> {
  const said = textOf(body['message']) ?? `status ${status}`;
  if (status !== 422 || !said.includes('selector')) return invalid(set, status, said);
  const found = (await client.call({ method: 'GET', path, signal })).body;
  const installation = textOf(objectAt(found, 'metadata', 'labels')[labelOf.installation]);
  const own = textOf(objectAt(manifest, 'metadata', 'labels')[labelOf.installation]);
  if (installation === own) return invalid(set, status, said);
  const whose = installation === null ? 'is not of Plimsoll' : `is of the installation ${installation}`;
  return new PlimsollError({
    code: 'deployment-taken',
    category: 'conflict',
    message: `there is a Deployment ${set} already, and it ${whose}: it was not touched`,
    next: `kubectl get deployment ${set} --show-labels; use another namespace, or remove it`,
    details: { set, installation },
  });
}

function invalid(set: string, status: number, said: string): PlimsollError {
  return new PlimsollError({
    code: 'deployment-invalid',
    category: status === 409 ? 'conflict' : 'input',
    message: `the cluster does not take the Deployment ${set} (${status}): ${said.slice(0, 1_000)}`,
    next: 'change what the message names in the contract',
    details: { set, status },
  });
}

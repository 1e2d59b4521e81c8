import { objectAt, textOf, textsOf, type JsonObject } from '../json-object.ts';
import { conditionsOf, type PodCondition } from './pod-object.ts';

/** What an apps/v1 Deployment tells of one set of replicas. */
export interface DeploymentObject {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Rises with each change of its specification. */
  readonly generation: number;
  readonly isDeleted: boolean;
  readonly replicas: number;
  /** Its whole specification, with what the API server and others added. */
  readonly spec: JsonObject;
  readonly conditions: Readonly<Record<string, PodCondition>>;
}

export function readDeployment(object: JsonObject): DeploymentObject {
  const metadata = objectAt(object, 'metadata');
  return {
    name: textOf(metadata['name']) ?? '',
    uid: textOf(metadata['uid']) ?? '',
    labels: textsOf(metadata['labels']),
    annotations: textsOf(metadata['annotations']),
    generation: Number(metadata['generation'] ?? 0),
    isDeleted: textOf(metadata['deletionTimestamp']) !== null,
    replicas: Number(objectAt(object, 'spec')['replicas'] ?? 1),
    spec: objectAt(object, 'spec'),
    conditions: conditionsOf(objectAt(object, 'status')['conditions']),
  };
}

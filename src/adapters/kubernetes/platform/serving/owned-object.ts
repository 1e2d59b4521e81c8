import { objectAt, textOf, textsOf, type JsonObject } from '../../../../protocols/kubernetes-objects/json-object.ts';

/** What is kept of a Service or an EndpointSlice. */
export interface OwnedObject {
  readonly name: string;
  readonly uid: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a Service: with one, Kubernetes itself chooses pods. */
  readonly hasSelector: boolean;
}

export function readOwnedObject(object: JsonObject): OwnedObject {
  const metadata = objectAt(object, 'metadata');
  return {
    name: textOf(metadata['name']) ?? '',
    uid: textOf(metadata['uid']) ?? '',
    version: textOf(metadata['resourceVersion']) ?? '',
    labels: textsOf(metadata['labels']),
    hasSelector: Object.keys(objectAt(object, 'spec', 'selector')).length > 0,
  };
}

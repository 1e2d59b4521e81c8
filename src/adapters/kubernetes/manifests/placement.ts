import type { SecretGrant } from '../../../core/contract/secrets/secret-grant.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';

/** Where the pods of a set may run and what they ask a node for, in the words of a pod's specification. */
export interface Placement {
  readonly resources?: JsonObject;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly JsonObject[];
  readonly runtimeClassName?: string;
}

/** What every set of an installation has in common. */
export interface ManifestOptions {
  /** Unique in the namespace: two installations never touch objects of each other. */
  readonly installation: string;
  readonly namespace: string;
  /** What `plimsoll` as first word of a command stands for; without an image nothing may start with that word. */
  readonly own: { readonly image: string | null; readonly command: readonly string[] };
  /** Secrets of the namespace with which nodes pull images of replicas. */
  readonly imagePullSecrets?: readonly string[];
  /** Where pods fetch files of code and model: the control plane as they reach it. Without it sets with files are refused. */
  readonly filesFrom?: string;
  /** Secret of the namespace; pods trust its `ca.crt` for `filesFrom`, beside what Node.js trusts. */
  readonly filesAuthority?: string;
  /** With it the objects are removed when what it names is. */
  readonly ownerReference?: OwnerReference;
  /** Time between the end of routing and SIGTERM, for gateways that have not heard yet; whole seconds. */
  readonly preStopSeconds: number;
  /** Which services may have a Secret; whoever writes a contract must not choose that. */
  readonly secretGrants: (secret: string) => readonly SecretGrant[];
  /** Service account of the pods, which get no token of it. */
  readonly serviceAccount?: string;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

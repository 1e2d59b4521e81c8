/** What `plimsoll install` is asked for: Plimsoll itself in one namespace of a cluster. */
export interface InstallationOptions {
  /** Begins the names of all objects, and is the label `plimsoll.dev/installation`. */
  readonly name: string;
  readonly namespace: string;
  /** Image of Plimsoll by its digest. */
  readonly image: string;
  /** Secrets of the namespace with which nodes pull images, of replicas too. */
  readonly imagePullSecrets: readonly string[];
  /** Secrets of the namespace that contracts may name, once they are granted; the API server refuses all others. */
  readonly replicaSecrets: readonly string[];
  readonly gateways: number;
  readonly store: InstallationStore;
  /** `s3://BUCKET/PREFIX`; null keeps blobs beside the records. */
  readonly blobs: string | null;
  /** Secret of the type `kubernetes.io/tls` with `ca.crt`, for https of the control plane; null for plain HTTP. */
  readonly tlsSecret: string | null;
  /**
   * Secret of the type `kubernetes.io/tls` with `ca.crt`, which gateways show the control plane; null for their token alone. Of no use
   * without `tlsSecret`.
   */
  readonly gatewayTlsSecret: string | null;
  /** A port of the control plane where KEDA asks for numbers of replicas, and what KEDA needs to come in by it. */
  readonly keda: boolean;
  /**
   * Secret of the type `kubernetes.io/tls` with `ca.crt`, which KEDA shows the control plane; null where anybody who reaches the port may
   * ask. Of no use without `keda` and `tlsSecret`.
   */
  readonly kedaTlsSecret: string | null;
  /**
   * Secret of the type `kubernetes.io/tls` with `ca.crt`, which gateways and the control plane show replicas that have a certificate; null where
   * no replica has one.
   */
  readonly replicaTlsSecret: string | null;
  /** Secret whose key `identities.yaml` names identity providers, beside the files of keys that it names; null for tokens alone. */
  readonly identitiesSecret: string | null;
  /** ServiceMonitors for the Prometheus operator. */
  readonly serviceMonitor: boolean;
  /** A ClusterRole with which the control plane verifies tokens of service accounts, and an account for commands. */
  readonly accountTokens: boolean;
  /** Policies by which the API server bounds what the control plane writes; whoever applies them needs rights of the whole cluster. */
  readonly admissionPolicy: boolean;
}

/**
 * | store | control planes | where records are |
 * |---|---|---|
 * | sqlite | 1 | a volume that the pod keeps |
 * | postgresql | 2, of which one has the lease | the database that `DATABASE_URL` of the Secret `NAME-environment` names |
 */
export type InstallationStore =
  | {
      readonly kind: 'sqlite';
      readonly size: string;
      /** Null for the default of the cluster. */ readonly storageClass: string | null;
    }
  | { readonly kind: 'postgresql' };

/** Objects of Kubernetes in the order in which they are applied. */
export type Installation = readonly {
  readonly apiVersion: string;
  readonly kind: string;
  /** Without a namespace: of the whole cluster. */
  readonly metadata: { readonly name: string; readonly namespace?: string };
}[];

/** One object of an installation that is in a cluster. */
export interface InstalledObject {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Of the API. */
  readonly path: string;
}

/** Removes an installation from its cluster. Both throw PlimsollErrors of the API server, such as `cluster-forbidden`. */
export interface Uninstallation {
  /** Everything of it that is there, in the order of its removal. */
  find(signal: AbortSignal): Promise<readonly InstalledObject[]>;
  /** Removes these, waits for their end of which `waits` is told each time, and returns what is still there. */
  remove(
    objects: readonly InstalledObject[],
    signal: AbortSignal,
    waits: (left: readonly InstalledObject[], lastedMs: number, atMostMs: number) => void,
  ): Promise<readonly InstalledObject[]>;
}

/** Reads the hardware of a Kubernetes cluster by kubeconfig. Only ever reads. */
export interface ClusterReader {
  /**
   * All Nodes and ResourceSlices, as the API gives them, without what tells nothing of hardware (images, managed fields).
   * @throws PlimsollError `kubeconfig-missing`, `kubeconfig-invalid`, `cluster-context-unknown` (input),
   * `cluster-unauthorized`, `cluster-forbidden` (unauthorized), `cluster-unreachable`, `cluster-tls`, `cluster-timeout`,
   * `cluster-failed`, `cluster-answer-invalid` (unavailable), `cluster-busy` (overloaded), `cluster-too-large` (input).
   */
  read(options: ClusterReadOptions): Promise<ClusterObjects>;
}

export interface ClusterReadOptions {
  /** Of the kubeconfig; its current one by default. */
  readonly context?: string | undefined;
  readonly signal: AbortSignal;
  /** Objects read so far. */
  readonly progress?: ((objects: number) => void) | undefined;
}

export interface ClusterObjects {
  /** Name of the context that was read. */
  readonly context: string;
  readonly nodes: readonly object[];
  readonly slices: readonly object[];
  /** What could not be read, and why it does not stop the rest: no such API, or no right to it. */
  readonly notes: readonly string[];
}

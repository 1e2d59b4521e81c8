type Environment = Readonly<Record<string, string | undefined>>;

/** What any program needs of the machine: where things are, language, time zone, certificates, proxies. */
const ofTheMachine =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_.*|TZ|TMPDIR|LD_LIBRARY_PATH|SSL_CERT_.*|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/;

/** Files with which a gateway and replicas verify each other. */
const ofReplicaTls = /^PLIMSOLL_REPLICA_(CA|CERT|KEY)_FILE$/;

/** How Node runs Plimsoll's own programs. */
const ofNode = /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_COMPILE_CACHE)$/;

/** What accelerators and Python environments are found by; for replicas and for what probes this machine. */
const ofAccelerators = /^(CUDA_.*|NVIDIA_.*|VIRTUAL_ENV|CONDA_.*)$/;

/** How Python finds modules, and libraries of models their caches. */
const ofPython = /^(PYTHON[A-Z]*|HF_HOME|TORCH_HOME|OMP_NUM_THREADS)$/;

/** Faults that are injected on purpose, for demonstrations and tests of the watch (bin/model-server.ts). */
const ofFaults = /^PLIMSOLL_FAULTS$/;

/** The devices that this machine is played to have (bin/open/open-node-probe.ts). */
const ofSimulatedDevices = /^PLIMSOLL_SIMULATED_DEVICES$/;

/**
 * What a control plane reads beyond that: the store, registries of models and images, a cluster, Prometheus, and the
 * secrets that replicas are given.
 */
const ofTheControlPlane =
  /^(DATABASE_URL|PG[A-Z]+|AWS_.*|S3_.*|MLFLOW_.*|DOCKER_CONFIG|REGISTRY_AUTH_FILE|XDG_.*|VAULT_[A-Z_]+|KUBECONFIG|KUBERNETES_.*|PLIMSOLL_.*)$/;

/**
 * Lists of names, one for each kind of program that is started: a program sees what it reads, and no secret of another.
 * A gateway is what strangers talk to, and gets the least.
 */
const lists = {
  replica: [ofTheMachine, ofAccelerators, ofFaults, ofSimulatedDevices],
  gateway: [ofTheMachine, ofNode, ofReplicaTls],
  metric: [ofTheMachine, ofAccelerators, ofPython],
  'control-plane': [ofTheMachine, ofNode, ofAccelerators, ofTheControlPlane],
} as const;

export type ChildKind = keyof typeof lists;

/** The variables of this machine that a program of this kind is started with. */
export function childEnvironment(kind: ChildKind, machine: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(machine).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && lists[kind].some((names) => names.test(entry[0])),
    ),
  );
}

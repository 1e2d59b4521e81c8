import { projectOptions, type PassedOnOptions } from './passed-on.ts';

/** Options of Plimsoll's own programs, for the command that starts one and for the program that reads them. */

const page = {
  type: 'string',
  takes: 'address',
  default: '127.0.0.1:7070',
  meaning: 'HOST:PORT of the page and the API; port 0 takes a free one',
} as const;
const clients = {
  type: 'string',
  takes: 'address',
  default: '127.0.0.1:8080',
  meaning: 'HOST:PORT for clients; port 0 takes a free one',
} as const;
const scaler = {
  type: 'string',
  takes: 'address',
  meaning:
    'HOST:PORT where KEDA asks for the number of replicas (external scaler over gRPC, with TLS where --tls-cert is given); nowhere without it',
} as const;
const scalerClientCa = {
  type: 'string',
  takes: 'file',
  meaning:
    'KEDA shows a certificate of this authority at --scaler-listen, in PEM; read again when it changes (default: anybody may ask)',
} as const;
const tokens = {
  type: 'string',
  takes: 'file',
  meaning: 'the tokens that are taken (default: `tokens` in the state folder); with it, reading needs a token too',
} as const;
const identities = {
  type: 'string',
  takes: 'file',
  meaning:
    'identity providers whose tokens are taken, with rules; reading needs a token then (default: PLIMSOLL_IDENTITIES, else none)',
} as const;
const tlsCert = {
  type: 'string',
  takes: 'file',
  meaning: 'certificate for https on --listen, in PEM; read again when it changes',
} as const;
const tlsKey = { type: 'string', takes: 'file', meaning: 'the key of --tls-cert, in PEM' } as const;
const tlsClientCa = {
  type: 'string',
  takes: 'file',
  meaning:
    'gateways that come in by --listen show a certificate of this authority, in PEM, that names their id; read again when it changes',
} as const;
const replicaUser = {
  type: 'string',
  takes: 'user',
  meaning:
    'replicas run as this user of the machine, or FIRST-LAST for one a service; needs root (default: PLIMSOLL_REPLICA_USER, else the own user)',
} as const;
const dashboard = {
  type: 'string',
  takes: 'folder',
  meaning: 'the built page (default: the one that came along)',
} as const;
const clientKeys = {
  type: 'string',
  takes: 'file',
  meaning: 'ask clients of the gateway for a key: one `NAME SHA256 [SERVICE]` a line, read again when it changes',
} as const;

const pageOptions = {
  ...projectOptions,
  listen: page,
  'scaler-listen': scaler,
  'scaler-client-ca': scalerClientCa,
  'token-file': tokens,
  identities,
  'tls-cert': tlsCert,
  'tls-key': tlsKey,
  'tls-client-ca': tlsClientCa,
  'replica-user': replicaUser,
  dashboard,
} as const satisfies PassedOnOptions;

/** Of a control plane whose replicas run on Kubernetes; `bin/open/cluster/choose-platform` knows their variables. */
const clusterOptions = {
  platform: {
    type: 'string',
    takes: 'name',
    meaning: 'where replicas run: local or kubernetes (default: PLIMSOLL_PLATFORM, else local)',
  },
  context: {
    type: 'string',
    takes: 'name',
    meaning: 'context of the kubeconfig (default: the current one; in a pod without kubeconfig its service account)',
  },
  namespace: {
    type: 'string',
    short: 'n',
    takes: 'name',
    meaning: 'namespace of the replicas (default: PLIMSOLL_NAMESPACE, else that of the pod or of the context)',
  },
  installation: {
    type: 'string',
    takes: 'name',
    meaning: 'tells this Plimsoll from others in the namespace (default: PLIMSOLL_INSTALLATION, else plimsoll)',
  },
  'replica-image': {
    type: 'string',
    takes: 'image',
    meaning: 'image of Plimsoll by its digest, for the built-in model server (default: PLIMSOLL_REPLICA_IMAGE)',
  },
  'image-pull-secrets': {
    type: 'string',
    takes: 'names',
    meaning:
      'Secrets with which nodes pull images of replicas, separated by commas (default: PLIMSOLL_IMAGE_PULL_SECRETS, else none)',
  },
  'url-for-replicas': {
    type: 'string',
    takes: 'url',
    meaning:
      'the control plane as pods reach it, to fetch files of code and model (default: PLIMSOLL_URL_FOR_REPLICAS, else none)',
  },
  'ca-secret-for-replicas': {
    type: 'string',
    takes: 'secret',
    meaning:
      'Secret whose ca.crt pods trust for an https --url-for-replicas (default: PLIMSOLL_CA_SECRET_FOR_REPLICAS, else none)',
  },
  'device-resource': {
    type: 'string',
    takes: 'name',
    meaning:
      'what a pod asks a node for, for each of hardware.devices (default: PLIMSOLL_DEVICE_RESOURCE, else nvidia.com/gpu)',
  },
  'node-selector': {
    type: 'string',
    takes: 'labels',
    meaning:
      'KEY=VALUE, separated by commas: nodes that replicas may run on (default: PLIMSOLL_NODE_SELECTOR, else all)',
  },
  tolerations: {
    type: 'string',
    takes: 'taints',
    meaning:
      'KEY[=VALUE][:EFFECT], separated by commas: taints that replicas pass over (default: PLIMSOLL_TOLERATIONS, else none)',
  },
  'token-audience': {
    type: 'string',
    takes: 'name',
    meaning:
      'audience of service account tokens that are credentials (default: PLIMSOLL_TOKEN_AUDIENCE, else plimsoll)',
  },
  owner: {
    type: 'string',
    takes: 'deployment/name',
    meaning: 'Deployment with which Kubernetes removes the replicas (default: PLIMSOLL_OWNER, else none)',
  },
} as const satisfies PassedOnOptions;

export const controlPlaneOptions = {
  ...pageOptions,
  ...clusterOptions,
  services: {
    type: 'string',
    takes: 'list',
    meaning:
      'SERVICE/ENVIRONMENT, separated by commas: what to hold instead of the service of a contract (without both, all of --state)',
  },
  'local-listen': {
    type: 'string',
    takes: 'address',
    meaning:
      'HOST:PORT for programs of this machine, where --listen is not on loopback or has TLS (default: a free port)',
  },
  'ready-listen': {
    type: 'string',
    takes: 'address',
    meaning: 'HOST:PORT where a cluster asks whether this control plane stands by or listens; nowhere without it',
  },
} as const satisfies PassedOnOptions;

export const supervisorOptions = {
  ...pageOptions,
  'gateway-listen': clients,
  'https-listen': {
    type: 'string',
    takes: 'address',
    meaning:
      'HOST:PORT for clients over TLS, beside --gateway-listen, with the files of --tls-cert; nowhere without it',
  },
  'gateway-token-file': {
    type: 'string',
    takes: 'file',
    meaning: 'file with the token of the gateway (default: the one that the control plane makes for it)',
  },
  'client-keys': clientKeys,
  open: { type: 'boolean', meaning: 'open the page in a browser' },
  stop: { type: 'boolean', meaning: 'stop what runs here, also what a killed `up` left behind' },
  'keep-serving': {
    type: 'boolean',
    meaning: 'with --stop: end only `up` and the control plane; the gateway and the replicas serve on',
  },
} as const satisfies PassedOnOptions;

export const gatewayOptions = {
  state: projectOptions.state,
  environment: { type: 'string', default: 'default' },
  listen: clients,
  'https-listen': {
    type: 'string',
    takes: 'address',
    meaning: 'HOST:PORT for clients over TLS, beside --listen; nowhere without it',
  },
  'https-cert': {
    type: 'string',
    takes: 'file',
    meaning: 'certificate for --https-listen, in PEM; read again when it changes',
  },
  'https-key': { type: 'string', takes: 'file', meaning: 'the key of --https-cert, in PEM' },
  'control-plane': {
    type: 'string',
    takes: 'url',
    default: 'http://127.0.0.1:7070',
    meaning: 'whose routing table to follow',
  },
  service: {
    type: 'string',
    takes: 'name',
    meaning: 'the only service to serve (default: all services of the control plane)',
  },
  home: {
    type: 'string',
    takes: 'service/environment',
    meaning: 'the service whose requests name none, beside the others of the control plane',
  },
  id: {
    type: 'string',
    takes: 'id',
    default: 'gateway-1',
    meaning: 'name of this gateway, unique among those of the control plane',
  },
  'client-keys': clientKeys,
  'token-file': {
    type: 'string',
    takes: 'file',
    meaning: 'file with the token for the control plane (default: run/gateway.token of the state folder)',
  },
  'ca-file': { type: 'string', takes: 'file', meaning: "certificates to trust for the control plane's https, in PEM" },
  'tls-cert': {
    type: 'string',
    takes: 'file',
    meaning: 'certificate that this gateway shows the control plane, in PEM; read again when it changes',
  },
  'tls-key': { type: 'string', takes: 'file', meaning: 'the key of --tls-cert, in PEM' },
  'plain-http': { type: 'boolean', meaning: 'let the token go over plain HTTP to another machine' },
  queue: { type: 'string', takes: 'requests', meaning: 'how many requests may wait for a replica (default: 1000)' },
  'max-body': { type: 'string', takes: 'bytes', meaning: 'largest request body (default: 67108864)' },
  deadline: {
    type: 'string',
    takes: 'ms',
    meaning: 'for requests that do not say plimsoll-deadline-ms (default: 30000)',
  },
  'replica-concurrency': {
    type: 'string',
    takes: 'requests',
    meaning: 'how many requests one replica gets at a time (default: 128)',
  },
  'drain-timeout': {
    type: 'string',
    takes: 'ms',
    meaning: 'how long requests may take to finish at the end (default: 20000)',
  },
} as const satisfies PassedOnOptions;

/** Of the program that brings files into the pod of a replica. */
export const fileFetcherOptions = {
  from: { type: 'string', takes: 'url', meaning: 'the control plane, as this pod reaches it' },
  'token-file': { type: 'string', takes: 'file', meaning: 'the token that is bound to this pod' },
  'code-into': { type: 'string', takes: 'folder', meaning: 'where files of the code go' },
  'model-into': { type: 'string', takes: 'folder', meaning: 'where files of the model go' },
  'list-digest': {
    type: 'string',
    takes: 'digest',
    meaning: 'digest of the list of files, as the pod was made with it',
  },
} as const satisfies PassedOnOptions;

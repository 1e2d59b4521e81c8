import { programSteps } from '../../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { Placement } from '../../../adapters/kubernetes/manifests/placement.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { filesAudience } from '../../../schemas/replica/replica-files.ts';
import { chooseNodes } from './choose-nodes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** As `clusterOptions` of the command line reads them. */
export interface PlatformValues {
  readonly platform?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly installation?: string;
  readonly 'replica-image'?: string;
  readonly 'image-pull-secrets'?: string;
  readonly 'url-for-replicas'?: string;
  readonly 'ca-secret-for-replicas'?: string;
  readonly 'device-resource'?: string;
  readonly 'node-selector'?: string;
  readonly tolerations?: string;
  readonly 'token-audience'?: string;
  readonly owner?: string;
}

/** Where replicas run, as the command line and the environment say it. */
export type PlatformChoice = { readonly name: 'local' } | ClusterChoice;

export interface ClusterChoice {
  readonly name: 'kubernetes';
  readonly context: string | undefined;
  /** Undefined: the namespace of the pod, else that of the context. */
  readonly namespace: string | undefined;
  readonly installation: string;
  readonly replicaImage: string | undefined;
  /** Secrets with which nodes pull images of replicas. */
  readonly imagePullSecrets: readonly string[];
  /** Where pods of replicas reach this control plane; undefined where they need nothing of it. */
  readonly urlForReplicas: string | undefined;
  /** Secret whose `ca.crt` pods of replicas trust for that address. */
  readonly caSecretForReplicas: string | undefined;
  /** What a pod asks a node for, for each accelerator of a replica. */
  readonly deviceResource: string;
  /** Where replicas may run. */
  readonly nodes: Placement;
  /** Tokens of service accounts are credentials for this audience. */
  readonly tokenAudience: string;
  /** Name of the Deployment that owns what is made. */
  readonly ownerDeployment: string | undefined;
}

const variables = {
  platform: 'PLIMSOLL_PLATFORM',
  namespace: 'PLIMSOLL_NAMESPACE',
  installation: 'PLIMSOLL_INSTALLATION',
  'replica-image': 'PLIMSOLL_REPLICA_IMAGE',
  'image-pull-secrets': 'PLIMSOLL_IMAGE_PULL_SECRETS',
  'url-for-replicas': 'PLIMSOLL_URL_FOR_REPLICAS',
  'ca-secret-for-replicas': 'PLIMSOLL_CA_SECRET_FOR_REPLICAS',
  'device-resource': 'PLIMSOLL_DEVICE_RESOURCE',
  'node-selector': 'PLIMSOLL_NODE_SELECTOR',
  tolerations: 'PLIMSOLL_TOLERATIONS',
  'token-audience': 'PLIMSOLL_TOKEN_AUDIENCE',
  owner: 'PLIMSOLL_OWNER',
} as const;

/** RFC 1123 label, as namespaces are named. */
const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain, as Secrets are named. */
const secretPattern = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const ownerPattern = /^deployment\/([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)$/;
const urlPattern = /^https?:\/\/[^\s/?#@]+\/?$/;
/** An extended resource: a domain and a name. */
const resourcePattern = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const imagePattern = /^[^\s@]+@sha256:[0-9a-f]{64}$/;

/**
 * An option goes before its variable; an empty variable is not set. A pod alone says nothing: programs of a build run in
 * pods too.
 * @throws PlimsollError `option-invalid` (input).
 */
export function choosePlatform(values: PlatformValues, env: Environment): PlatformChoice {
  const said = (name: keyof typeof variables): string | undefined =>
    values[name] ?? (env[variables[name]] || undefined);
  const platform = said('platform') ?? 'local';
  if (platform === 'local') {
    const [given] = Object.entries(values).filter(([name, value]) => isOfCluster(name) && value !== undefined);
    if (given !== undefined) throw invalid(`--${given[0]} is for --platform kubernetes`);
    return { name: 'local' };
  }
  if (platform !== 'kubernetes') throw invalid(`--platform must be local or kubernetes, not \`${platform}\``);
  const installation = said('installation') ?? 'plimsoll';
  const [namespace, replicaImage, owner] = [said('namespace'), said('replica-image'), said('owner')];
  const [urlForReplicas, caSecretForReplicas] = [said('url-for-replicas'), said('ca-secret-for-replicas')];
  requireForm('installation', installation, labelPattern, 'of 1 to 63 lower-case letters, digits and hyphens');
  requireForm('namespace', namespace, labelPattern, 'of 1 to 63 lower-case letters, digits and hyphens');
  requireForm('replica-image', replicaImage, imagePattern, 'by its digest, IMAGE@sha256:...');
  requireForm('url-for-replicas', urlForReplicas, urlPattern, 'http://HOST:PORT or https://HOST:PORT');
  const imagePullSecrets = (said('image-pull-secrets') ?? '').split(',').filter((name) => name !== '');
  for (const name of imagePullSecrets)
    requireForm('image-pull-secrets', name, secretPattern, 'names of Secrets, separated by commas');
  requireForm('ca-secret-for-replicas', caSecretForReplicas, secretPattern, 'the name of a Secret');
  if (caSecretForReplicas !== undefined && urlForReplicas?.startsWith('https:') !== true)
    throw invalid('--ca-secret-for-replicas is for an https address in --url-for-replicas');
  const deviceResource = said('device-resource') ?? 'nvidia.com/gpu';
  requireForm('device-resource', deviceResource, resourcePattern, 'DOMAIN/NAME, such as nvidia.com/gpu');
  const tokenAudience = said('token-audience') ?? 'plimsoll';
  requireForm('token-audience', tokenAudience, /^[\w.:/-]{1,200}$/, 'a word such as plimsoll, or a URL');
  if (tokenAudience === filesAudience) throw invalid(`--token-audience ${filesAudience} is of the pods of replicas`);
  requireForm('owner', owner, ownerPattern, 'deployment/NAME');
  const ownerDeployment = owner === undefined ? undefined : ownerPattern.exec(owner)?.[1];
  const { context } = values;
  const forReplicas = { replicaImage, imagePullSecrets, urlForReplicas, caSecretForReplicas };
  const where = { context, namespace, installation };
  const nodes = chooseNodes(said('node-selector'), said('tolerations'));
  return { name: 'kubernetes', ...where, ...forReplicas, deviceResource, nodes, tokenAudience, ownerDeployment };
}

const isOfCluster = (name: string): boolean => name === 'context' || (name in variables && name !== 'platform');

function requireForm(name: string, value: string | undefined, pattern: RegExp, form: string): void {
  if (value !== undefined && !pattern.test(value))
    throw invalid(`--${name} must be ${form}, not \`${value.slice(0, 200)}\``);
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message,
    next: nextStep(programSteps, 'option-invalid/control-plane-help'),
  });
}

import { PlimsollError } from '../../core/units/errors.ts';
import { readInstalledPlace } from '../installed-place.ts';
import type { InstallationOptions, InstallationStore } from '../../ports/serving/installation.ts';

/** As commander gives them. */
export interface InstallValues {
  readonly print?: boolean;
  readonly name?: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly imagePullSecret?: readonly string[];
  readonly replicaSecret?: readonly string[];
  readonly gateways?: string;
  readonly store?: string;
  readonly storage?: string;
  readonly storageClass?: string;
  readonly blobs?: string;
  readonly tlsSecret?: string;
  readonly gatewayTlsSecret?: string;
  readonly keda?: boolean;
  readonly kedaTlsSecret?: string;
  readonly replicaTlsSecret?: string;
  readonly identitiesSecret?: string;
  readonly serviceMonitor?: boolean;
  readonly serviceAccountTokens?: boolean;
  readonly admissionPolicy?: boolean;
}

/** What the options may be; the schema of the chart's values has the same patterns. */
export const installPatterns = {
  image: /^[A-Za-z0-9][\w.:/-]{0,400}@sha256:[0-9a-f]{64}$/,
  size: /^[1-9]\d{0,5}(?:Mi|Gi|Ti|M|G|T)$/,
  blobs: /^s3:\/\/[a-z0-9][a-z0-9.-]{1,62}(?:\/[\w!.*'()/-]*)?$/,
  /** RFC 1123, as names of Secrets and storage classes are. */
  subdomain: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/,
} as const;
export const gatewaysAtMost = 1_000;
const help = 'plimsoll install kubernetes --help';

/** @throws PlimsollError `option-invalid`, `option-missing` (input). */
export function readInstallOptions(values: InstallValues): InstallationOptions {
  const { tlsSecret, gatewayTlsSecret, keda, kedaTlsSecret, replicaTlsSecret, identitiesSecret, blobs } = values;
  const store = readStore(values);
  if (blobs !== undefined && !installPatterns.blobs.test(blobs)) {
    throw invalid('--blobs', blobs, 's3://BUCKET/PREFIX');
  }
  if (store.kind === 'postgresql' && blobs === undefined) {
    throw missing(
      '--store postgresql runs two control planes, which share no folder, and --blobs is not given',
      'add --blobs s3://BUCKET/PREFIX',
    );
  }
  if (gatewayTlsSecret !== undefined && tlsSecret === undefined) {
    throw missing('--gateway-tls-secret is for https, and --tls-secret is not given', 'add --tls-secret NAME');
  }
  if (kedaTlsSecret !== undefined && (keda !== true || tlsSecret === undefined)) {
    const [lacking, next] = keda === true ? ['--tls-secret', '--tls-secret NAME'] : ['--keda', '--keda'];
    throw missing(`--keda-tls-secret is for the TLS of KEDA's port, and ${lacking} is not given`, `add ${next}`);
  }
  return {
    ...readInstalledPlace(values, help),
    image: imageOf(values.image),
    imagePullSecrets: (values.imagePullSecret ?? []).map((name) => subdomainOf('--image-pull-secret', name)),
    replicaSecrets: (values.replicaSecret ?? []).map((name) => subdomainOf('--replica-secret', name)),
    gateways: gatewaysOf(values.gateways ?? '2'),
    store,
    blobs: blobs ?? null,
    tlsSecret: tlsSecret === undefined ? null : subdomainOf('--tls-secret', tlsSecret),
    gatewayTlsSecret: gatewayTlsSecret === undefined ? null : subdomainOf('--gateway-tls-secret', gatewayTlsSecret),
    keda: keda === true,
    kedaTlsSecret: kedaTlsSecret === undefined ? null : subdomainOf('--keda-tls-secret', kedaTlsSecret),
    replicaTlsSecret: replicaTlsSecret === undefined ? null : subdomainOf('--replica-tls-secret', replicaTlsSecret),
    identitiesSecret: identitiesSecret === undefined ? null : subdomainOf('--identities-secret', identitiesSecret),
    serviceMonitor: values.serviceMonitor === true,
    accountTokens: values.serviceAccountTokens === true,
    admissionPolicy: values.admissionPolicy !== false,
  };
}

function readStore({ store = 'sqlite', storage, storageClass }: InstallValues): InstallationStore {
  if (store !== 'sqlite' && store !== 'postgresql') throw invalid('--store', store, 'sqlite or postgresql');
  if (store === 'sqlite') {
    const size = storage ?? '10Gi';
    if (!installPatterns.size.test(size)) throw invalid('--storage', size, 'a size such as 10Gi');
    return {
      kind: store,
      size,
      storageClass: storageClass === undefined ? null : subdomainOf('--storage-class', storageClass),
    };
  }
  const unused = storage !== undefined ? '--storage' : storageClass !== undefined ? '--storage-class' : null;
  if (unused === null) return { kind: store };
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${unused} is of the volume of SQLite, and --store postgresql has none`,
    next: `leave out ${unused}`,
  });
}

function subdomainOf(option: string, text: string): string {
  if (installPatterns.subdomain.test(text) && text.length <= 253) return text;
  throw invalid(option, text, 'a name of lowercase letters, digits, hyphens and dots');
}

/** By its digest, because all replicas of the built-in model server run the same image. */
function imageOf(text: string | undefined): string {
  if (text === undefined) {
    throw missing(
      '--image does not name the image of Plimsoll',
      'npm run image -- FOLDER --push REGISTRY/NAME:TAG prints it',
    );
  }
  if (installPatterns.image.test(text)) return text;
  throw invalid('--image', text, 'a reference by digest: REGISTRY/NAME@sha256: and 64 hexadecimal digits');
}

function gatewaysOf(text: string): number {
  const count = Number(text);
  if (/^\d{1,4}$/.test(text) && count >= 1 && count <= gatewaysAtMost) return count;
  throw invalid('--gateways', text, `a whole number from 1 to ${gatewaysAtMost}`);
}

function invalid(option: string, text: string, expected: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${option} must be ${expected}, not \`${text.slice(0, 200)}\``,
    next: help,
  });
}

const missing = (message: string, next: string): PlimsollError =>
  new PlimsollError({ code: 'option-missing', category: 'input', message, next });

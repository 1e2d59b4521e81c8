import type { InstallationSettings } from '../../src/adapters/kubernetes/install/installation.ts';
import { gatewaysAtMost, installPatterns } from '../../src/cli/install/install-options.ts';
import { yamlOf, type YamlValue } from '../../src/protocols/yaml-text/yaml.ts';

/** The values of the chart with what each means; the defaults are those of the command. */
export function chartValues({ controlPlane, gateway }: InstallationSettings): string {
  const component = (resources: unknown): string =>
    yamlOf({ resources: resources as YamlValue, nodeSelector: {}, tolerations: [] })
      .split('\n')
      .map((line) => `  ${line}`)
      .join('\n');
  return `# Image of Plimsoll by its digest: REGISTRY/NAME@sha256:...; \`npm run image\` prints it.
image: ""
# Secrets with which nodes pull images, those of replicas too: [{ name: NAME }].
imagePullSecrets: []
# Secrets that replicas may have once they are granted: [NAME]. The API server refuses all others.
replicaSecrets: []
# Gateways that run side by side.
gateways: 2
store:
  # sqlite: one control plane with a volume. postgresql: two with a lease, and DATABASE_URL in the Secret NAME-environment.
  kind: sqlite
  # Of the volume of SQLite, with its class; the class of the cluster where it is empty.
  size: 10Gi
  storageClass: ""
# s3://BUCKET/PREFIX for blobs; needed with postgresql.
blobs: ""
# Secret with tls.crt, tls.key and ca.crt: https for the control plane.
tlsSecret: ""
# Secret with tls.crt, tls.key and ca.crt: what gateways show the control plane, and who signs it; needs tlsSecret.
gatewayTlsSecret: ""
# A port for the external scaler of KEDA, for contracts with \`scaling.actuator: keda\`.
keda: false
# Secret with tls.crt, tls.key and ca.crt: what KEDA shows the control plane, and who signs it; needs keda and tlsSecret.
kedaTlsSecret: ""
# Secret with tls.crt, tls.key and ca.crt: what gateways and the control plane show replicas that have a certificate (code.tls).
replicaTlsSecret: ""
# Secret with identities.yaml: identity providers whose tokens the control plane takes.
identitiesSecret: ""
# ServiceMonitors for the Prometheus operator.
serviceMonitor: false
# A ClusterRole to verify tokens of service accounts, and the account NAME-cli, whose tokens commands ask for.
serviceAccountTokens: false
# Policies by which the API server bounds which Secrets and accounts the control plane may give to pods; of the whole cluster.
admissionPolicy: true
controlPlane:
${component(controlPlane.resources)}
gateway:
${component(gateway.resources)}
`;
}

const orEmpty = (pattern: RegExp): object => ({ type: 'string', pattern: `^$|${pattern.source}` });
const component = {
  type: 'object',
  additionalProperties: false,
  properties: { resources: { type: 'object' }, nodeSelector: { type: 'object' }, tolerations: { type: 'array' } },
};

/** Helm refuses values that do not fit, with the path of each. */
export const chartValuesSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  required: ['image'],
  properties: {
    global: {},
    // Empty as the chart has it, so that it can be linted; the templates ask for it.
    image: orEmpty(installPatterns.image),
    imagePullSecrets: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: { type: 'string', pattern: installPatterns.subdomain.source } },
      },
    },
    replicaSecrets: { type: 'array', items: { type: 'string', pattern: installPatterns.subdomain.source } },
    gateways: { type: 'integer', minimum: 1, maximum: gatewaysAtMost },
    store: {
      type: 'object',
      additionalProperties: false,
      properties: {
        kind: { enum: ['sqlite', 'postgresql'] },
        size: { type: 'string', pattern: installPatterns.size.source },
        storageClass: orEmpty(installPatterns.subdomain),
      },
    },
    blobs: orEmpty(installPatterns.blobs),
    tlsSecret: orEmpty(installPatterns.subdomain),
    gatewayTlsSecret: orEmpty(installPatterns.subdomain),
    keda: { type: 'boolean' },
    kedaTlsSecret: orEmpty(installPatterns.subdomain),
    replicaTlsSecret: orEmpty(installPatterns.subdomain),
    identitiesSecret: orEmpty(installPatterns.subdomain),
    serviceMonitor: { type: 'boolean' },
    serviceAccountTokens: { type: 'boolean' },
    admissionPolicy: { type: 'boolean' },
    controlPlane: component,
    gateway: component,
  },
  allOf: [
    {
      if: { properties: { store: { properties: { kind: { const: 'postgresql' } } } } },
      then: { properties: { blobs: { minLength: 1 } } },
    },
    {
      // Else the port of KEDA would be open to anybody, though a Secret is named.
      if: { properties: { kedaTlsSecret: { minLength: 1 } }, required: ['kedaTlsSecret'] },
      then: { properties: { tlsSecret: { minLength: 1 }, keda: { const: true } } },
    },
  ],
};

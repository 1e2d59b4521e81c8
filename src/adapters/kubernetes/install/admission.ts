import type { InstallationOptions } from '../../../ports/serving/installation.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { filesAudience } from '../../../schemas/replica/replica-files.ts';
import { labelOf } from '../manifests/labels.ts';
import { componentLabels, componentName } from './object-names.ts';

/** Of what the policies of an installation are; ends their names. */
export const admissionSubjects = ['replicas', 'pods'] as const;

interface Validation {
  /** In CEL; false refuses the request. */
  readonly expression: string;
  readonly message: string;
}

interface AdmissionPolicy {
  /** Ends the name. */
  readonly subject: (typeof admissionSubjects)[number];
  readonly group: string;
  readonly resource: string;
  readonly variables: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly Validation[];
}

const containers = (holds: string): string =>
  `(variables.pod.containers + variables.pod.?initContainers.orValue([])).all(c, ${holds})`;
const listOf = (names: readonly string[]): string => `'${names.join(',')}'.split(',')`;

/**
 * Returns the policies by which the API server refuses what the control plane's account has the right to write and no reason to. The
 * right to write a Deployment is the right to mount each Secret of the namespace and to run as each of its accounts.
 *
 * | the control plane writes | allowed |
 * |---|---|
 * | volumes of a replica | `emptyDir`; a Secret of `--replica-secret`; `ca.crt` of `--tls-secret`; a token for its files alone |
 * | variables of a replica | the same Secrets |
 * | pull secrets | those of `--image-pull-secret` |
 * | service account | `default` |
 * | host | no namespace, no port, no privileged container |
 * | Deployments that are no replicas of this installation | no change |
 * | pods | no change of their specification: another image would run with their Secrets |
 *
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function makeAdmission(options: InstallationOptions): readonly JsonObject[] {
  return [deploymentPolicy(options), podPolicy].flatMap((policy) => makePolicy(options, policy));
}

function deploymentPolicy(options: InstallationOptions): AdmissionPolicy {
  const validations: readonly Validation[] = [
    {
      expression:
        "(request.operation == 'CREATE' ? object : oldObject).metadata.?labels[?'" +
        `${labelOf.installation}'].orValue('') == '${options.name}'`,
      message: 'the Deployment is no replica of this installation',
    },
    {
      expression: 'variables.pod.?volumes.orValue([]).all(v, has(v.emptyDir) || has(v.secret) || has(v.projected))',
      message: 'replicas have no volume but emptyDir, secret and projected',
    },
    {
      expression:
        'variables.pod.?volumes.orValue([]).all(v, !has(v.secret) || v.secret.secretName in variables.secrets || ' +
        "(v.secret.secretName == variables.authority && v.secret.?items.orValue([]).map(i, i.key) == ['ca.crt']))",
      message: 'a volume names a Secret that replicas may not have: see --replica-secret',
    },
    {
      expression:
        'variables.pod.?volumes.orValue([]).all(v, v.?projected.?sources.orValue([]).all(s, has(s.secret) ' +
        "? s.secret.?name.orValue('') in variables.secrets " +
        `: has(s.serviceAccountToken) && s.serviceAccountToken.?audience.orValue('') == '${filesAudience}'))`,
      message: 'a projected volume has what replicas may not have: see --replica-secret',
    },
    {
      expression: containers(
        "c.?env.orValue([]).all(e, !has(e.valueFrom) || !has(e.valueFrom.secretKeyRef) || e.valueFrom.secretKeyRef.?name.orValue('') in variables.secrets)",
      ),
      message: 'a variable is of a Secret that replicas may not have: see --replica-secret',
    },
    {
      expression: containers('c.?envFrom.orValue([]).all(e, !has(e.secretRef))'),
      message: 'replicas take no whole Secret as variables',
    },
    {
      expression: "variables.pod.?imagePullSecrets.orValue([]).all(s, s.?name.orValue('') in variables.pullSecrets)",
      message: 'a pull secret is none of the installation: see --image-pull-secret',
    },
    {
      expression: "variables.pod.?serviceAccountName.orValue('default') in ['', 'default']",
      message: 'replicas run as the account default alone',
    },
    {
      expression:
        '![variables.pod.?hostNetwork.orValue(false), variables.pod.?hostPID.orValue(false), variables.pod.?hostIPC.orValue(false)].exists(h, h) && ' +
        containers(
          '!c.?securityContext.?privileged.orValue(false) && c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)',
        ),
      message: 'replicas have nothing of the host',
    },
  ];
  return {
    subject: 'replicas',
    group: 'apps',
    resource: 'deployments',
    variables: [
      { name: 'pod', expression: 'object.spec.template.spec' },
      { name: 'secrets', expression: listOf(options.replicaSecrets) },
      { name: 'pullSecrets', expression: listOf(options.imagePullSecrets) },
      { name: 'authority', expression: `'${options.tlsSecret ?? ''}'` },
    ],
    validations,
  };
}

const podPolicy: AdmissionPolicy = {
  subject: 'pods',
  group: '',
  resource: 'pods',
  variables: [],
  validations: [
    {
      expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec",
      message: 'the control plane changes no specification of a pod',
    },
  ],
};

function makePolicy(options: InstallationOptions, policy: AdmissionPolicy): readonly JsonObject[] {
  const { name, namespace } = options;
  const account = `system:serviceaccount:${namespace}:${componentName(options, 'control-plane')}`;
  // Of the whole cluster, as a policy is.
  const metadata = {
    name: `${name}-${namespace}-${policy.subject}`,
    labels: componentLabels(options, 'control-plane'),
  };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [policy.group],
              apiVersions: ['*'],
              operations: ['CREATE', 'UPDATE'],
              resources: [policy.resource],
            },
          ],
        },
        matchConditions: [{ name: 'by-the-control-plane', expression: `request.userInfo.username == '${account}'` }],
        ...(policy.variables.length === 0 ? {} : { variables: policy.variables }),
        validations: policy.validations.map((each) => ({ ...each, reason: 'Forbidden' })),
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name, validationActions: ['Deny'] },
    },
  ];
}

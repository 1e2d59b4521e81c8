import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { replicaTlsVariables } from '../../../core/contract/replica-tls.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReplicaOwner, ReplicaSetSpec, Workload } from '../../../ports/serving/platform.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import { containerName, replicaPort } from './labels.ts';
import type { ManifestOptions, Placement } from './placement.ts';
import { makeProbes } from './probes.ts';
import { makeSecretVariable, pathOfSecret } from './secret-parts.ts';

export const home = '/plimsoll';
export const modelFolder = `${home}/model`;

/**
 * The container of a replica, as the pod security standard `restricted` allows it.
 * @param mounts besides its own.
 * @throws PlimsollError `code-image-missing`, `image-not-pinned`, `variable-unknown`, `secret-reference` (input),
 * `secret-not-granted` (refused).
 */
export function makeContainer(
  owner: ReplicaOwner,
  spec: ReplicaSetSpec,
  placement: Placement,
  options: ManifestOptions,
  mounts: readonly JsonObject[],
): JsonObject {
  const { workload } = spec;
  const given = givenVariables(owner, workload);
  const { image, command, args } = commandOf(workload, options);
  const named = { ...given, ...tlsFilesOf(workload.secrets) };
  const fill = (word: string): string => substitute(word, named);
  const written = (variables: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
    Object.entries(variables).filter(([name]) => given[name] === undefined);
  return {
    name: containerName,
    image,
    imagePullPolicy: 'IfNotPresent',
    ...(command.length === 0 ? {} : { command: command.map(fill) }),
    ...(args.length === 0 ? {} : { args: args.map(fill) }),
    // As on the local platform: relative paths of the command are those of `code.files`.
    ...(workload.codeFiles.length === 0 ? {} : { workingDir: home }),
    env: [
      ...Object.values(given),
      // Of two variables of one name the kubelet takes the last: the conventions win over what the contract writes.
      ...written(workload.env).map(([name, value]) => ({ name, value: fill(value) })),
      ...written(workload.secrets).map(([name, reference]) => makeSecretVariable(name, reference, owner, options)),
    ],
    ports: [{ name: 'http', containerPort: replicaPort, protocol: 'TCP' }],
    // Of a container that fails: its last lines are in the pod's status, also once the next start has replaced its log.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...makeProbes(workload, spec.startTimeoutMs),
    ...(options.preStopSeconds > 0 ? { lifecycle: { preStop: { sleep: { seconds: options.preStopSeconds } } } } : {}),
    ...(placement.resources === undefined ? {} : { resources: placement.resources }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'home', mountPath: home }, ...mounts, { name: 'tmp', mountPath: '/tmp' }],
  };
}

/** A new pod finds both empty. */
export const containerVolumes: readonly JsonObject[] = [
  { name: 'home', emptyDir: {} },
  { name: 'tmp', emptyDir: {} },
];

function commandOf(
  workload: Workload,
  { own }: ManifestOptions,
): { image: string; command: readonly string[]; args: readonly string[] } {
  const [first, ...rest] = workload.command;
  if (workload.image !== undefined) {
    return { image: pinned(workload.image), command: workload.command, args: workload.args };
  }
  if (first !== 'plimsoll') throw imageMissing(first);
  if (own.image === null) throw ownImageMissing();
  return { image: pinned(own.image), command: own.command, args: [...rest, ...workload.args] };
}

function pinned(image: string): string {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return image;
  throw new PlimsollError({
    code: 'image-not-pinned',
    category: 'input',
    message: `the image \`${image}\` is not named by its digest, so that each node may run other code`,
    next: nextStep(adapterSteps, 'image-not-pinned'),
  });
}

function imageMissing(first: string | undefined): PlimsollError {
  const what = first === undefined ? 'this release has neither command nor image' : `\`${first}\` needs an image`;
  return new PlimsollError({
    code: 'code-image-missing',
    category: 'input',
    message: `on Kubernetes only the built-in model server runs without \`code.image\`, and ${what}`,
    next: nextStep(adapterSteps, 'code-image-missing'),
  });
}

function ownImageMissing(): PlimsollError {
  return new PlimsollError({
    code: 'code-image-missing',
    category: 'input',
    message: 'nobody said which image has the built-in model server',
    next: 'start the control plane with --replica-image IMAGE@sha256:..., or name code.image',
  });
}

type Variables = Readonly<Record<string, JsonObject>>;

/** The conventions of schemas/replica-environment.ts. Name and address of the pod are known to the kubelet alone. */
function givenVariables(owner: ReplicaOwner, { model }: Workload): Variables {
  const digests = Object.fromEntries(model.files.map((file) => [file.path, file.digest]));
  const values: readonly JsonObject[] = [
    fromPod(replicaEnvironment.replicaId, 'metadata.name'),
    fromPod(replicaEnvironment.host, 'status.podIP'),
    { name: replicaEnvironment.home, value: home },
    { name: replicaEnvironment.port, value: String(replicaPort) },
    { name: replicaEnvironment.modelName, value: model.name },
    { name: replicaEnvironment.modelVersion, value: String(model.version) },
    { name: replicaEnvironment.modelDir, value: modelFolder },
    { name: replicaEnvironment.modelFiles, value: JSON.stringify(digests) },
    { name: replicaEnvironment.environment, value: owner.environment },
  ];
  return Object.fromEntries(values.map((variable) => [String(variable['name']), variable]));
}

function tlsFilesOf(secrets: Workload['secrets']): Variables {
  const names = Object.values(replicaTlsVariables).filter((name) => secrets[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, { name, value: pathOfSecret(name) }]));
}

const fromPod = (name: string, fieldPath: string): JsonObject => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/**
 * `${PLIMSOLL_PORT}` becomes its value, or `$(PLIMSOLL_REPLICA_ID)` where only the kubelet knows the value. What the
 * kubelet would otherwise take for a variable of its own is escaped.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
function substitute(text: string, given: Variables): string {
  return text.replaceAll('$(', '$$$$(').replaceAll(/\$\{(PLIMSOLL_[A-Z_]*)\}/g, (_whole, name: string) => {
    const variable = given[name];
    if (variable === undefined) throw variableUnknown(name, given);
    return typeof variable['value'] === 'string' ? variable['value'].replaceAll('$(', '$$$$(') : `$(${name})`;
  });
}

function variableUnknown(name: string, given: Variables): PlimsollError {
  return new PlimsollError({
    code: 'variable-unknown',
    category: 'input',
    message: `\`\${${name}}\` in the code section is no variable that a replica is given`,
    next: `use one of ${Object.keys(given).join(', ')}`,
  });
}

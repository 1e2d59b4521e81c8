import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { makeAffinity } from '../../core/hardware/selectors/affinity.ts';
import type { PoolVerdict } from '../../core/hardware/compatibility.ts';
import { makeDraSelector, mostExpressionChars } from '../../core/hardware/selectors/dra-selector.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { grouped, verdictSentence } from '../../core/hardware/verdict-words.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { visibleLine, visiblePlain } from '../../core/units/visible-text.ts';
import type { ExitStatus } from '../exit-status.ts';
import { yamlOf, type YamlValue } from '../../protocols/yaml-text/yaml.ts';
import { mostNodes } from '../verdict/verify-text.ts';

export const emitForms = ['affinity', 'dra', 'startup-check'] as const;
export type EmitForm = (typeof emitForms)[number];

export interface Emitted {
  /** 3 when nothing can be admitted: there is then nothing to apply. */
  readonly exit: ExitStatus;
  readonly yaml: string;
}

export interface EmitQuestion {
  readonly contract: Contract;
  readonly environment: string;
  readonly verdict: PoolVerdict;
  readonly snapshot: PoolSnapshot;
}

/** What makes a cluster keep to the verdict, as YAML for a pod spec; comments say what it leaves out, and why. */
export function emit(form: EmitForm, question: EmitQuestion): Emitted {
  switch (form) {
    case 'affinity':
      return emitAffinity(question);
    case 'dra':
      return emitDra(question);
    case 'startup-check':
      return emitStartupCheck(question);
  }
}

function emitAffinity({ contract, environment, verdict, snapshot }: EmitQuestion): Emitted {
  const selector = contract.environments[environment]?.selector ?? {};
  const { terms, admitted, left } = makeAffinity(verdict, snapshot, selector);
  const comments = [
    `plimsoll verify --emit affinity: ${verdictSentence(verdict)}`,
    `facts of ${new Date(snapshot.takenAtMs).toISOString()}; admits ${listed(admitted)}`,
    ...leftOut(
      'compatible nodes that labels cannot single out',
      left.map(({ node, reason }) => [node, reason]),
    ),
  ];
  if (terms.length === 0) return nothing(comments, 'no node can be admitted by its labels');
  const nodeSelectorTerms: YamlValue = terms.map((matchExpressions) => ({
    matchExpressions: matchExpressions.map(({ key, operator, values }) => ({ key, operator, values })),
  }));
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return { exit: 0, yaml: document(comments, { affinity: { nodeAffinity: required } }) };
}

function emitDra({ contract, environment, verdict, snapshot }: EmitQuestion): Emitted {
  if (contract.hardware?.accelerator === 'cpu') throw noDevices(contract.service);
  const { requests, left } = makeDraSelector(verdict, snapshot);
  const name = `${contract.service}-${environment}`;
  const comments = [
    `plimsoll verify --emit dra: ${verdictSentence(verdict)}`,
    `facts of ${new Date(snapshot.takenAtMs).toISOString()}; admits ${requests.map((one) => `${grouped(one.devices)} of type ${one.name}`).join(', ') || 'no device'}`,
    ...leftOut(
      'compatible devices that attributes cannot single out',
      left.map(({ device, reason }) => [device, reason]),
    ),
  ];
  if (requests.length === 0) return nothing(comments, 'no device can be admitted by its attributes');
  const long = requests.find(({ expression }) => expression.length > mostExpressionChars);
  if (long !== undefined) {
    return nothing(
      comments,
      `the selector has ${long.expression.length} characters, and Kubernetes takes ${mostExpressionChars}`,
    );
  }
  const count = contract.hardware?.devices ?? 1;
  const exactly = requests.map(({ name: request, deviceClassName, expression }) => ({
    name: request,
    deviceClassName,
    selectors: [{ cel: { expression } }],
    allocationMode: 'ExactCount',
    count,
  }));
  const [only, ...others] = exactly;
  const { name: _, ...whole } = only ?? { name: '' };
  const request =
    others.length === 0 ? { name: 'accelerator', exactly: whole } : { name: 'accelerator', firstAvailable: exactly };
  const template = {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaimTemplate',
    metadata: { name, ...namespaceOf(contract, environment) },
    spec: { spec: { devices: { requests: [request] } } },
  };
  const podSpec = {
    resourceClaims: [{ name: 'accelerator', resourceClaimTemplateName: name }],
    containers: [{ name: contract.service, resources: { claims: [{ name: 'accelerator' }] } }],
  };
  const inPod = [
    'in the pod spec:',
    ...yamlOf(podSpec)
      .split('\n')
      .map((line) => `  ${line}`),
  ];
  return { exit: 0, yaml: `${document(comments, template)}\n${inPod.map((line) => `# ${line}`).join('\n')}` };
}

function namespaceOf(contract: Contract, environment: string): { readonly namespace?: string } {
  const namespace = contract.environments[environment]?.namespace;
  return namespace === undefined ? {} : { namespace };
}

/** Wrapping the command checks the very devices that the container was given, which an init container may not see. */
function emitStartupCheck({ contract, environment, verdict }: EmitQuestion): Emitted {
  const { service, code } = contract;
  const command = [
    'plimsoll',
    'exec',
    '--contract',
    '/etc/plimsoll/plimsoll.yaml',
    '--environment',
    environment,
    '--',
    ...(code.command ?? ['COMMAND-OF-THE-IMAGE']),
  ];
  const comments = [
    `plimsoll verify --emit startup-check: ${verdictSentence(verdict)}`,
    'the command of the image, behind a check of the node that it finds itself on; it needs plimsoll in the image',
    `kubectl create configmap ${service}-contract --from-file=plimsoll.yaml --from-file=plimsoll.lock`,
    'as an init container instead: the same with --check-only in place of -- and what follows it, and the same devices',
  ];
  const mount = { name: 'plimsoll-contract', mountPath: '/etc/plimsoll', readOnly: true };
  const podSpec: YamlValue = {
    containers: [
      {
        name: service,
        ...(code.image === undefined ? {} : { image: code.image }),
        command,
        args: code.args,
        volumeMounts: [mount],
      },
    ],
    volumes: [{ name: 'plimsoll-contract', configMap: { name: `${service}-contract` } }],
  };
  return { exit: 0, yaml: document(comments, podSpec) };
}

const document = (comments: readonly string[], value: YamlValue): string =>
  [...comments.map(comment), yamlOf(value)].join('\n');
const comment = (line: string): string => `# ${visiblePlain(visibleLine(line))}`;

const nothing = (comments: readonly string[], why: string): Emitted => ({
  exit: 3,
  yaml: [...comments, `${why}, so that there is nothing to apply`].map(comment).join('\n'),
});

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNodes).join(', ');
  const more = names.length - mostNodes;
  if (names.length === 0) return 'no node';
  return more > 0 ? `${shown} and ${grouped(more)} more` : shown;
}

function leftOut(heading: string, rows: readonly (readonly [string, string])[]): readonly string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, 100).map(([name, reason]) => `  ${name}: ${reason}`);
  const more = rows.length - shown.length;
  return [`${heading}:`, ...shown, ...(more > 0 ? [`  and ${grouped(more)} more`] : [])];
}

function noDevices(service: string): PlimsollError {
  return new PlimsollError({
    code: 'dra-not-applicable',
    category: 'input',
    message: `${service} asks for no accelerator, and DRA hands out devices`,
    next: nextStep(cliSteps, 'dra-not-applicable'),
  });
}

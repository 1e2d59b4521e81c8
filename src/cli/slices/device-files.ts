import type { SlicePlan } from '../../core/packing/slices/slice-plan.ts';
import type { MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { makeResourceClaimTemplates } from '../../protocols/device-plans/claim-templates.ts';
import { nameClaimTemplate } from '../../protocols/device-plans/device-names.ts';
import { makeDevicePluginResources } from '../../protocols/device-plans/device-plugin-resources.ts';
import { listClaims, type ServiceShare } from '../../protocols/device-plans/list-claims.ts';
import { makeMigPartedConfig } from '../../protocols/device-plans/mig-parted-config.ts';
import {
  describePlaceProblem,
  placePlan,
  type PlacedPlan,
  type PlanNode,
} from '../../protocols/device-plans/place-plan.ts';
import { yamlOf } from '../../protocols/yaml-text/yaml.ts';

export const emittedForms = ['mig-parted', 'dra', 'device-plugin'] as const;
export type EmittedForm = (typeof emittedForms)[number];

/** One file by which a plan is applied. */
export interface DeviceFile {
  readonly name: string;
  readonly text: string;
}

const nodePattern = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/**
 * Returns the plan on the GPUs of the nodes.
 * @throws PlimsollError `plan-not-placed` (input) with every problem.
 */
export function placeSlices(plan: SlicePlan, board: MigBoard, nodes: readonly PlanNode[]): PlacedPlan {
  // Names of nodes are written into a shell script.
  const odd = nodes.find(({ name }) => !nodePattern.test(name));
  if (odd !== undefined) {
    throw new PlimsollError({
      code: 'plan-not-placed',
      category: 'input',
      message: `${JSON.stringify(odd.name)} is no name of a node in Kubernetes`,
      next: 'name the nodes as `kubectl get nodes` does',
    });
  }
  const answer = placePlan(plan, board, nodes);
  if (answer.answer === 'placed') return answer.placed;
  throw new PlimsollError({
    code: 'plan-not-placed',
    category: 'input',
    message: answer.problems.map(describePlaceProblem).join(' '),
    next: 'name nodes with enough GPUs of the board, and services by DNS labels',
  });
}

/**
 * Returns the files that apply a plan.
 *
 * | form | files |
 * |---|---|
 * | `mig-parted` | `config.yaml`, and `apply.sh`, which makes the ConfigMap and labels the nodes |
 * | `device-plugin` | the same, and a part of a pod specification for each service and profile |
 * | `dra` | a claim template and a part of a pod specification for each, and `order.txt` |
 */
export function makeDeviceFiles(
  form: EmittedForm,
  placed: PlacedPlan,
  namespace: string | null,
): readonly DeviceFile[] {
  switch (form) {
    case 'mig-parted':
      return listConfigFiles(placed);
    case 'device-plugin':
      return [...listConfigFiles(placed), ...makeDevicePluginResources(placed).map(makePodFile)];
    case 'dra':
      return [
        ...makeResourceClaimTemplates(placed, namespace).flatMap((share) => [
          { name: `${nameShare(share)}.claim-template.yaml`, text: `${yamlOf(share.template)}\n` },
          makePodFile(share),
        ]),
        { name: 'order.txt', text: listOrder(placed) },
      ];
  }
}

const nameShare = ({ service, profile }: ServiceShare): string => nameClaimTemplate(service, profile);

type PodShare = ServiceShare & { readonly podSpec: Parameters<typeof yamlOf>[0] };

function makePodFile(share: PodShare): DeviceFile {
  const { replicas, point } = share;
  const head = `# Replicas: ${replicas}. Batch ${point.batch}, processes in each instance: ${point.processes}.`;
  return { name: `${nameShare(share)}.pod-spec.yaml`, text: `${head}\n${yamlOf(share.podSpec)}\n` };
}

function listConfigFiles(placed: PlacedPlan): readonly DeviceFile[] {
  const { yaml, labels } = makeMigPartedConfig(placed);
  const commands = Object.entries(labels).flatMap(([node, own]) =>
    Object.entries(own).map(([label, value]) => `kubectl label node ${node} ${label}=${value} --overwrite`),
  );
  const script = [
    '#!/bin/sh',
    '# NVIDIA GPU Operator: name the ConfigMap in migManager.config.name first.',
    'set -e',
    'kubectl create configmap plimsoll-mig-parted --namespace "${NAMESPACE:-gpu-operator}" \\',
    '  --from-file=config.yaml --dry-run=client --output=yaml | kubectl apply --filename=-',
    ...commands,
  ];
  return [
    { name: 'config.yaml', text: yaml },
    { name: 'apply.sh', text: `${script.join('\n')}\n` },
  ];
}

/** Claims in the order in which the scheduler finds a place for each. */
function listOrder(placed: PlacedPlan): string {
  const rows = listClaims(placed).map(
    ({ node, service, profile }, at) => `${at + 1} ${node} ${nameClaimTemplate(service, profile)}`,
  );
  return [
    '# Create each pod on its node after the pod before has its device: number, node, template.',
    ...rows,
    '',
  ].join('\n');
}

import { addInstances } from '../../core/packing/cuts/held-instances.ts';
import type { NamedTask } from '../../core/packing/named/named-task.ts';
import type { PackingPlacement } from '../../core/packing/plan/placement.ts';

/** Returns what the rules of a plan come to: room that is kept free, limits of services, and devices that are cut. */
export function ruleLines(named: NamedTask, placement: PackingPlacement): readonly string[] {
  return [...reservedLines(named, placement), ...limitLines(named), ...cutLines(named, placement)];
}

function reservedLines({ task, replicas }: NamedTask, { unplaced }: PackingPlacement): readonly string[] {
  return task.replicas.flatMap(({ reserved, count }, at) => {
    if (reserved !== true) return [];
    const name = replicas[at]?.map((each) => each.name).join(', ') ?? '';
    return [`kept free: ${count - (unplaced[at] ?? 0)} of ${count} x ${name}`];
  });
}

function limitLines({ task }: NamedTask): readonly string[] {
  const limits = task.replicas.flatMap(({ shape: { perNode } }) =>
    perNode === undefined ? [] : [[perNode.service, perNode.atMost] as const],
  );
  return [...Map.groupBy(new Map(limits).values(), (atMost) => atMost)]
    .sort(([a], [b]) => a - b)
    .map(
      ([atMost, own]) =>
        `services with at most ${atMost} ${atMost === 1 ? 'replica' : 'replicas'} on a node: ${own.length}`,
    );
}

function cutLines({ task }: NamedTask, { nodes }: PackingPlacement): readonly string[] {
  const instances = nodes.flatMap(({ nodeClass, held }, node) =>
    addInstances(task, nodeClass, held).flatMap(({ devices, instance }) =>
      instance === undefined ? [] : [{ device: `${node} ${devices.join()}`, profile: instance.profile }],
    ),
  );
  if (instances.length === 0) return [];
  const profiles = [...Map.groupBy(instances, ({ profile }) => profile)].sort(([a], [b]) => a.localeCompare(b));
  const devices = new Set(instances.map(({ device }) => device)).size;
  const parts = profiles.map(([profile, own]) => `${profile} x ${own.length}`).join(', ');
  return [`devices cut into MIG instances: ${devices} (${parts})`];
}

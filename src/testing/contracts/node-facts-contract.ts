import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';

/** Fields that a source leaves null without a reason in `unknown`: there must be none. */
export function factsWithoutReason(facts: NodeFacts): readonly string[] {
  const { name: _name, source: _source, labels: _labels, allocatable: _allocatable, devices, cpu, ...rest } = facts;
  const { unknown } = facts;
  return [
    ...nullFields({ ...rest, devices, cpu }, unknown),
    ...nullFields(cpu ?? {}, unknown, 'cpu.'),
    ...(devices ?? []).flatMap((device) =>
      deviceFactsWithoutReason(device).map((field) => `devices[${device.index}].${field}`),
    ),
  ];
}

export function deviceFactsWithoutReason({ unknown, mig, link, ...rest }: DeviceFacts): readonly string[] {
  return [
    ...nullFields({ ...rest, mig }, unknown),
    ...(link === null
      ? nullFields({ generation: null, maxGeneration: null, width: null, maxWidth: null }, unknown, 'link.')
      : nullFields(link, unknown, 'link.')),
    ...nullFields(mig === null ? {} : { capable: mig.capable }, unknown, 'mig.'),
    ...(mig?.instances ?? []).flatMap((instance) => nullFields(instance, unknown, 'mig.instances.')),
  ];
}

const nullFields = (facts: object, unknown: Readonly<Record<string, string>>, prefix = ''): readonly string[] =>
  Object.entries(facts)
    .filter(([field, value]) => value === null && unknown[`${prefix}${field}`] === undefined)
    .map(([field]) => `${prefix}${field}`);

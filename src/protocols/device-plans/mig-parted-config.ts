import { digestOf, shortDigest } from '../../core/units/digest.ts';
import type { MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import { yamlOf, type YamlValue } from '../yaml-text/yaml.ts';
import { configLabel } from './device-names.ts';
import type { PlacedNode, PlacedPlan } from './place-plan.ts';
import { countProfiles, describeCounts, type ProfileCounts } from './profile-counts.ts';

/** What mig-parted is given for a plan. */
export interface MigPartedConfig {
  /** The configuration file. */
  readonly yaml: string;
  /** Labels of each node by its name. The MIG manager applies the configuration that the label names. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Returns the configuration file of mig-parted with one named configuration for each set of layouts of a node, and the label
 * of each node. mig-parted takes counts of instances and finds the places itself.
 *
 * | key | value |
 * |---|---|
 * | `device-filter` | PCI ids of the board: on another board a profile of the same name may be something else |
 * | `devices` | numbers of the GPUs with these instances; GPUs that no entry names are left as they are |
 * | `mig-devices` | how many instances of each profile |
 *
 * Source: https://github.com/NVIDIA/mig-parted, api/spec/v1 (read 2026-11).
 */
export function makeMigPartedConfig({ board, nodes }: PlacedPlan): MigPartedConfig {
  const configs = nodes.map((node) => [nameMigConfig(node, board), makeEntries(node, board)] as const);
  const sorted = [...new Map(configs)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    yaml: `${yamlOf({ version: 'v1', 'mig-configs': Object.fromEntries(sorted) })}\n`,
    labels: Object.fromEntries(nodes.map((node) => [node.name, { [configLabel]: nameMigConfig(node, board) }])),
  };
}

/**
 * Returns the name of a node's configuration: `plimsoll-` and 12 digits of the digest of its content. A changed layout has
 * another name, so that the label changes and the MIG manager acts.
 */
export function nameMigConfig(node: PlacedNode, board: MigBoard): string {
  return `plimsoll-${shortDigest(digestOf(makeEntries(node, board)))}`;
}

function makeEntries({ gpus }: PlacedNode, board: MigBoard): readonly YamlValue[] {
  const byCounts = Map.groupBy(gpus, ({ instances }) => describeCounts(countProfiles(instances, board)));
  return [...byCounts.values()].map((alike) => ({
    'device-filter': board.pciDeviceIds,
    devices: alike.map(({ index }) => index),
    'mig-enabled': true,
    'mig-devices': makeMigDevices(countProfiles(alike[0]?.instances ?? [], board)),
  }));
}

const makeMigDevices = (counts: ProfileCounts): Readonly<Record<string, number>> => Object.fromEntries(counts);

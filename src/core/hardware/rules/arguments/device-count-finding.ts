import type { ServiceDemands } from '../../compatibility.ts';
import { deviceCounts, type DeviceCount } from '../../tables/arguments/device-counts.ts';
import { found, type Found } from '../finding.ts';
import { distribution } from '../service-facts.ts';
import { valueOf, type Arguments } from './arguments.ts';

/** Devices that the arguments ask for; null where none is written, or one is no number. */
function askedDevices({ factors }: DeviceCount, args: Arguments): number | null {
  const written = factors.map((names) => valueOf(args, names)).filter((text) => text !== undefined);
  if (written.length === 0 || !written.every((text) => /^[1-9]\d{0,3}$/.test(text))) return null;
  return written.reduce((product, text) => product * Number(text), 1);
}

/**
 * Whether the contract asks an engine to compute on more devices than a replica has.
 *
 * | devices that the arguments ask for | answer |
 * |---|---|
 * | at most those of the replica, or not written | null |
 * | more | incompatible |
 * | more, of a service over several nodes | null |
 */
export function deviceCountFinding({ image, args = [], hardware }: ServiceDemands): Found | null {
  const row = image === null ? undefined : deviceCounts.find(({ engine }) => distribution(image, [engine]) !== null);
  if (row === undefined || valueOf(args, row.spread) !== undefined) return null;
  const asked = askedDevices(row, args);
  if (asked === null || asked <= hardware.devices) return null;
  return found({
    rule: 'device-count',
    compatibility: 'incompatible',
    message: `the arguments ask ${row.engine} to compute on ${asked} devices, and a replica has ${hardware.devices}`,
    facts: { asked: String(asked), devices: String(hardware.devices) },
    source: row.source,
    fix: `hardware.devices: ${asked} in the contract, or smaller numbers in code.args`,
  });
}

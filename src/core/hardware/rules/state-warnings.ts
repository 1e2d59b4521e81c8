import type { DeviceState } from '../../pool/device-state.ts';
import { stateSources } from '../tables/device-states.ts';
import type { Source } from '../tables/source.ts';
import { found, type Found } from './finding.ts';
import type { UnitFacts } from './unit-facts.ts';

/** States of a device that slow it down, or change at its next reset, and that stop nothing. */
interface StateWarning {
  readonly rule: string;
  readonly fact: keyof DeviceState;
  readonly value: string;
  readonly message: string;
  readonly source: Source;
  readonly fix: string;
}

const stateWarnings: readonly StateWarning[] = [
  {
    rule: 'link-narrow',
    fact: 'link',
    value: 'narrow',
    message:
      'the PCIe link has fewer lanes than the board: copies from the host take longer (some virtual machines show 8 of 16 always)',
    source: stateSources.link,
    fix: 'reseat the board, or look at the slot and its bifurcation',
  },
  {
    rule: 'link-slow',
    fact: 'link',
    value: 'slow',
    message:
      'the PCIe link of the busy board is of an older generation than the board: copies from the host take longer',
    source: stateSources.link,
    fix: 'look at the slot, the riser and the setting of the firmware',
  },
  {
    rule: 'fabric-degraded',
    fact: 'fabricHealth',
    value: 'degraded',
    message: 'the NVSwitch fabric is up and degraded: less bandwidth between boards, or routes that are repaired',
    source: stateSources.fabric,
    fix: 'look at the log of nvidia-fabricmanager',
  },
  {
    rule: 'ecc-pending',
    fact: 'eccPending',
    value: 'on',
    message: 'ECC turns on at the next reset: the device is then of another class, and may have less memory',
    source: stateSources.recovery,
    fix: 'reset the device before it is verified',
  },
  {
    rule: 'ecc-pending',
    fact: 'eccPending',
    value: 'off',
    message: 'ECC turns off at the next reset: the device is then of another class',
    source: stateSources.recovery,
    fix: 'reset the device before it is verified',
  },
  {
    rule: 'rows-pending',
    fact: 'rowRemapping',
    value: 'pending',
    message: 'rows of memory are remapped at the next reset',
    source: stateSources.recovery,
    fix: 'drain the node and reset the device',
  },
  {
    rule: 'numa-remote',
    fact: 'numa',
    value: 'remote',
    message:
      'every core that replicas may use is on another NUMA node than the board: copies from the host cross the sockets',
    source: stateSources.numa,
    fix: 'give replicas cores of the NUMA node of the board (cpuset, or the topology manager of the kubelet)',
  },
  {
    rule: 'memory-of-host',
    fact: 'hostMemory',
    value: 'shared',
    message: 'the device has no memory of its own: what processes of the machine take of it is missing',
    source: stateSources.hostMemory,
    fix: 'state hardware.memory with what else runs on the machine in mind',
  },
  {
    rule: 'persistence-off',
    fact: 'persistence',
    value: 'off',
    message: 'the driver is not kept loaded: each first client waits until the device is initialised',
    source: stateSources.link,
    fix: 'start nvidia-persistenced',
  },
];

/** Warnings about the state of the unit, in the order of the table; none where nothing of it was read. */
export const warnOfState = ({ state }: UnitFacts): readonly Found[] =>
  stateWarnings
    .filter(({ fact, value }) => state[fact] === value)
    .map(({ rule, fact, value, message, source, fix }) =>
      found({ rule, compatibility: 'native', message, facts: { [fact]: value }, source, fix, warning: true }),
    );

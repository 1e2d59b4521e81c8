import type { NodeEvent } from './observations.ts';

/**
 * What an event of a node says about values:
 *
 * | class | says |
 * |---|---|
 * | hard | values may be wrong until the device was reset |
 * | contained | the device corrected or contained the error |
 * | application | a program's fault, not the hardware's |
 * | speed | slower, not wrong |
 * | change | the driver is another one |
 * | outlier | below its peers: something of the hardware is off, and values are suspected as of a hard error |
 */
export type NodeEventClass = 'hard' | 'contained' | 'application' | 'speed' | 'change' | 'outlier';

/** Source: NVIDIA, "XID Errors" of the GPU deployment and management documentation, read 2026-11. */
const xidClasses: Readonly<Record<number, NodeEventClass>> = {
  13: 'application',
  31: 'application',
  43: 'application',
  45: 'application',
  63: 'contained',
  68: 'application',
  92: 'contained',
  94: 'contained',
  109: 'application',
};

/** An XID that is in no row is hard: what is not known to be harmless is not harmless. */
export function classifyNodeEvent({ kind, code }: NodeEvent): NodeEventClass {
  switch (kind) {
    case 'xid':
      return (code === null ? undefined : xidClasses[code]) ?? 'hard';
    case 'ecc-uncorrected':
    case 'link':
      return 'hard';
    case 'ecc-corrected':
      return 'contained';
    case 'throttle':
      return 'speed';
    case 'driver-changed':
      return 'change';
    case 'left-peers':
      return 'outlier';
  }
}

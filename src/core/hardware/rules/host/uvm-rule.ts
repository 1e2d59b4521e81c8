import { hostSources } from '../../tables/host-states.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';

/** CUDA starts once the kernel module for unified memory is loaded; where that was not read the rule says nothing. */
export const uvmRule: DeviceRule = {
  facet: 'uvm',
  decide: ({ state: { uvm } }) => (uvm === 'missing' ? 'incompatible' : 'native'),
  explain: ({ state: { uvm } }, decided) =>
    found({
      rule: 'uvm',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? 'the kernel module nvidia_uvm is not loaded: CUDA does not start (error 999)'
          : `nothing speaks against the kernel module nvidia_uvm (${uvm ?? 'not read'})`,
      facts: { uvm: uvm ?? null },
      source: hostSources.uvm,
      fix: decided === 'incompatible' ? 'modprobe nvidia_uvm on the node (nvidia-modprobe -u -c=0)' : undefined,
    }),
};

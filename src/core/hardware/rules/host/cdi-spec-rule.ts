import { containerHostSources } from '../../tables/host/container-hosts.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';

/**
 * A specification of CDI names the files of one driver. Where containers get devices by it, and there is none, or the driver is another by now, none starts.
 *
 * | mode of the container runtime | specification | answer |
 * |---|---|---|
 * | cdi | of another driver | incompatible |
 * | cdi | missing | incompatible: unresolvable CDI devices |
 * | cdi | of this driver, or not read | native |
 * | any other: it writes its own, or uses none | any | native |
 */
export const cdiSpecRule: DeviceRule = {
  facet: 'cdiSpec',
  decide: ({ state: { containerRuntime, cdiSpec } }) =>
    containerRuntime === 'cdi' && (cdiSpec === 'stale' || cdiSpec === 'missing') ? 'incompatible' : 'native',
  explain: ({ state: { cdiSpec, containerRuntime }, driverText }, decided) =>
    found({
      rule: 'cdi-specification',
      compatibility: decided,
      message:
        decided === 'incompatible' && cdiSpec === 'missing'
          ? 'containers get devices by a specification of CDI, and there is none: no container with a device starts (unresolvable CDI devices)'
          : decided === 'incompatible'
            ? `the specification of CDI names files of another driver than ${driverText ?? 'that of the node'}: no container with a device starts`
            : `nothing speaks against the specification of CDI (${cdiSpec ?? 'not read'})`,
      facts: { cdiSpec: cdiSpec ?? null, containerRuntime: containerRuntime ?? null },
      source: containerHostSources[cdiSpec === 'missing' ? 'cdiMissing' : 'cdiSpec'],
      fix:
        decided === 'incompatible'
          ? 'nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml on the node, or its service nvidia-cdi-refresh'
          : undefined,
    }),
};

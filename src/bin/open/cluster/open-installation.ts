import {
  defaultResources,
  makeInstallation,
  type InstallationSettings,
} from '../../../adapters/kubernetes/install/installation.ts';
import { controlPlaneAllocator, controlPlaneNodeFlags } from '../../../control-plane/node-flags.ts';
import { gatewayNodeFlags } from '../../../gateway/node-flags.ts';
import type { Installation, InstallationOptions } from '../../../ports/serving/installation.ts';

/** Where scripts/image puts them. */
const [node, program] = ['/usr/bin/node', '/opt/plimsoll/dist/plimsoll.mjs'];

const commandOf = (name: string, flags: readonly string[]): readonly string[] => [
  node,
  '--disable-warning=ExperimentalWarning',
  ...flags,
  program,
  name,
];

/** How the programs of the image are started in a cluster, and what they ask a node for. */
export const installationSettings: InstallationSettings = {
  controlPlane: {
    start: { command: commandOf('control-plane', controlPlaneNodeFlags), env: controlPlaneAllocator },
    resources: defaultResources.controlPlane,
  },
  gateway: {
    start: { command: commandOf('gateway', gatewayNodeFlags), env: {} },
    resources: defaultResources.gateway,
  },
};

export const openInstallation = (options: InstallationOptions): Installation =>
  makeInstallation(options, installationSettings);

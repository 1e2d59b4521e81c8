import type { DeviceLibrary, KernelTarget } from './image-facts.ts';

/** `7.5 8.0 8.6 9.0a +PTX 9.0`; `none that could be read` for a library whose lists are empty. */
export function formatTargets({ cubins, ptx }: Pick<DeviceLibrary, 'cubins' | 'ptx'>): string {
  const parts = [
    ...(cubins.length === 0 ? [] : [cubins.map(formatTarget).join(' ')]),
    ...(ptx.length === 0 ? [] : [`+PTX ${ptx.map(formatTarget).join(' ')}`]),
  ];
  return parts.length === 0 ? 'none that could be read' : parts.join(' ');
}

export const formatTarget = ({ capability, suffix }: KernelTarget): string => `${capability}${suffix}`;

/** The label that tells NVIDIA's MIG manager which configuration a node gets. */
export const configLabel = 'nvidia.com/mig.config';
/** The label by which the MIG manager tells how that went: `pending`, `rebooting`, `success` or `failed`. */
export const configStateLabel = 'nvidia.com/mig.config.state';
/** The label of GPU Feature Discovery with the product of a node's GPUs. */
export const productLabel = 'nvidia.com/gpu.product';

/** Returns the value of the product's label: spaces are dashes. `NVIDIA H100 NVL` is `NVIDIA-H100-NVL`. */
export function makeProductLabel(product: string): string {
  return product.replaceAll(' ', '-');
}

/**
 * Returns the resource of a profile under the mixed strategy of NVIDIA's device plugin: `nvidia.com/mig-1g.10gb`. A plus
 * sign is not allowed in a resource's name: `1g.10gb+me` is `nvidia.com/mig-1g.10gb.me`.
 * Source: https://github.com/NVIDIA/k8s-device-plugin, internal/rm (read 2026-11).
 */
export function nameMigResource(profile: string): string {
  return `nvidia.com/mig-${profile.replaceAll('+', '.')}`;
}

/** Returns a DNS label for one service and profile: `chat-1g-10gb`. */
export function nameClaimTemplate(service: string, profile: string): string {
  return `${service}-${profile.replaceAll(/[^a-z0-9]/g, '-')}`;
}

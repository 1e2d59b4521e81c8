import * as z from 'zod';
import type { DeviceState } from '../../core/pool/device-state.ts';

/** The state of a device, as snapshots and `probe --json` hold it. */
export const deviceStateForm: z.ZodType<DeviceState> = z.strictObject({
  fabric: z.enum(['completed', 'in-progress', 'not-started', 'failed', 'not-supported']).exactOptional(),
  fabricHealth: z.enum(['degraded']).exactOptional(),
  kernelModule: z.enum(['open', 'proprietary']).exactOptional(),
  licence: z.enum(['licensed', 'unlicensed']).exactOptional(),
  iommu: z.enum(['off', 'passthrough', 'translating']).exactOptional(),
  recovery: z.enum(['none', 'gpu-reset', 'node-reboot', 'drain-p2p', 'drain-and-reset']).exactOptional(),
  rowRemapping: z.enum(['none', 'pending', 'failed']).exactOptional(),
  containerRuntime: z.enum(['legacy', 'unchecked', 'cdi', 'jit-cdi', 'csv']).exactOptional(),
  computeMode: z.enum(['exclusive-process', 'prohibited']).exactOptional(),
  peerAccess: z.enum(['ok', 'none']).exactOptional(),
  nvlink: z.enum(['active', 'inactive']).exactOptional(),
  eccPending: z.enum(['on', 'off']).exactOptional(),
  link: z.enum(['narrow', 'slow']).exactOptional(),
  persistence: z.enum(['off']).exactOptional(),
  numa: z.enum(['remote']).exactOptional(),
  confidential: z.enum(['off', 'ready', 'not-ready']).exactOptional(),
  unifiedMemory: z.enum(['on', 'off']).exactOptional(),
  shmBytes: z.int().nonnegative().exactOptional(),
  driverLibrary: z.enum(['match', 'mismatch', 'missing', 'foreign']).exactOptional(),
  uvm: z.enum(['loaded', 'missing']).exactOptional(),
  containerDevices: z
    .enum([
      'kept',
      'until-reload',
      'withheld',
      'unsupported',
      'partial',
      'no-toolkit',
      'broken',
      'closed',
      'other-runtime',
      'untold-runtime',
    ])
    .exactOptional(),
  nvSwitches: z.enum(['managed', 'unmanaged', 'none']).exactOptional(),
  cdiSpec: z.enum(['current', 'stale', 'missing']).exactOptional(),
  clone3: z.enum(['allowed', 'refused']).exactOptional(),
  host: z.enum(['wsl']).exactOptional(),
  rdma: z.enum(['active', 'none']).exactOptional(),
  memlockBytes: z.int().nonnegative().exactOptional(),
  pageBytes: z.int().positive().exactOptional(),
  hugePageBytes: z.int().nonnegative().exactOptional(),
  hostMemory: z.enum(['shared']).exactOptional(),
});

import { formatBytes } from '../../../units/quantity/quantity-bytes.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import { hostSources, leastLockedBytes, unlimitedBytes } from '../../tables/host-states.ts';
import { ncclOf, type DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import type { Plain } from '../outcome.ts';
import type { UnitFacts } from '../unit-facts.ts';

/**
 * Memory that NCCL registers with a network of RDMA is locked. Null where the image does not send what devices exchange over the network:
 * it holds NCCL, and turns peer access and shared memory off, and not the network.
 *
 * | network of RDMA | may be locked | answer |
 * |---|---|---|
 * | none | any | native |
 * | active, or not read | without limit | native |
 * | active | less than one buffer of NCCL | incompatible |
 * | any other | | unknown |
 */
export function lockedMemoryRule({ image, hardware }: ServiceDemands): DeviceRule | null {
  if (image === null || hardware.devices < 2 || ncclOf(image) === null) return null;
  const isSet = (name: string): boolean => image.env[name] === '1';
  if (!isSet('NCCL_P2P_DISABLE') || !isSet('NCCL_SHM_DISABLE') || isSet('NCCL_IB_DISABLE')) return null;
  return { facet: 'lockedMemory', decide, explain };
}

function decide({ state: { rdma, memlockBytes } }: UnitFacts): Plain {
  if (rdma === 'none' || (memlockBytes !== undefined && memlockBytes >= unlimitedBytes)) return 'native';
  return rdma === 'active' && memlockBytes !== undefined && memlockBytes < leastLockedBytes
    ? 'incompatible'
    : 'unknown';
}

function explain({ state: { rdma, memlockBytes } }: UnitFacts, decided: Plain): ReturnType<DeviceRule['explain']> {
  if (decided === 'unknown') {
    return notKnown(
      'locked-memory',
      memlockBytes === undefined ? 'memlockBytes' : 'rdma',
      `NCCL locks memory for a network of RDMA${memlockBytes === undefined ? '' : `, and ${formatBytes(memlockBytes)} may be locked`}`,
    );
  }
  return found({
    rule: 'locked-memory',
    compatibility: decided,
    message:
      decided === 'native'
        ? 'nothing limits the memory that NCCL locks'
        : `${formatBytes(memlockBytes ?? 0)} may be locked, and NCCL locks at least ${formatBytes(leastLockedBytes)} for a network of RDMA: no memory is registered`,
    facts: { rdma: rdma ?? null, memlockBytes: memlockBytes === undefined ? null : String(memlockBytes) },
    source: hostSources.lockedMemory,
    fix:
      decided === 'native'
        ? undefined
        : 'ulimit -l unlimited where replicas start (--ulimit memlock=-1 with Docker, LimitMEMLOCK=infinity of containerd)',
  });
}

import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';

/**
 * What the device plugin of NVIDIA answers to the kubelet: `named` where it names device files or devices of CDI, so that whoever starts a container tells
 * systemd of them; `unnamed` where it names them in a variable alone, which a hook of the container runtime reads later (`PASS_DEVICE_SPECS=false`).
 */
export type KubeletGrant = 'named' | 'unnamed';

/** Fields of `ContainerAllocateResponse` (k8s.io/kubelet, deviceplugin/v1beta1/api.proto): devices and cdi_devices. */
const naming = new Set([3, 5]);
const ofNvidia = /^nvidia\.com\//;

/**
 * By the checkpoint of the kubelet, which keeps the answer for each container that has a device (`kubelet_internal_checkpoint`).
 * Null where it has none for a device of NVIDIA, answers of both kinds, or cannot be read; only root may read it.
 */
export async function readKubeletGrant(kubelet: string): Promise<KubeletGrant | null> {
  const text = textOf(await readKernelFile(path.join(kubelet, 'device-plugins/kubelet_internal_checkpoint')));
  const kinds = new Set(answersOf(text ?? '').map(kindOf));
  const [kind = null] = kinds;
  return kinds.size === 1 ? kind : null;
}

/** `AllocResp` of each entry for a device of NVIDIA. */
function answersOf(text: string): readonly Uint8Array[] {
  const checkpoint = parse(text) as { readonly Data?: { readonly PodDeviceEntries?: unknown } | null } | null;
  const entries = checkpoint?.Data?.PodDeviceEntries;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: { readonly ResourceName?: unknown; readonly AllocResp?: unknown } | null) => {
    const { ResourceName: resource, AllocResp: answer } = entry ?? {};
    return typeof resource === 'string' && ofNvidia.test(resource) && typeof answer === 'string'
      ? [Buffer.from(answer, 'base64')]
      : [];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Null for what is no message of fields that have a length, as all fields of this one do. */
function kindOf(answer: Uint8Array): KubeletGrant | null {
  let kind: KubeletGrant = 'unnamed';
  let at = 0;
  while (at < answer.length) {
    const tag = answer[at] ?? 0;
    const length = lengthAt(answer, at + 1);
    if ((tag & 7) !== lengthDelimited || tag >= 0x80 || length === null) return null;
    at = length.end + length.bytes;
    if (at > answer.length) return null;
    if (naming.has(tag >> 3)) kind = 'named';
  }
  return answer.length === 0 ? null : kind;
}

const lengthDelimited = 2;
/** Lengths below 2^28 take four bytes of seven bits. */
const mostLengthBytes = 4;

function lengthAt(bytes: Uint8Array, start: number): { readonly bytes: number; readonly end: number } | null {
  let value = 0;
  for (let index = 0; index < mostLengthBytes; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { bytes: value, end: start + index + 1 };
  }
  return null;
}

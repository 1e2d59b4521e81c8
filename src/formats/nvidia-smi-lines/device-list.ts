import { invalidLines, smiLines } from './smi-text.ts';

/** What `nvidia-smi -L` says of one board. */
export interface ListedDevice {
  readonly index: number;
  readonly product: string;
  readonly uuid: string;
  readonly instances: readonly ListedInstance[];
}

export interface ListedInstance {
  /** Counts the instances of one board, as the XML does. */
  readonly index: number;
  /** `1g.10gb+me`; with several compute instances in one `1c.3g.40gb`. */
  readonly profile: string;
  readonly uuid: string;
}

const command = 'nvidia-smi -L';
const board = /^GPU (\d{1,4}): (.{1,200}) \(UUID: (GPU-[0-9a-zA-Z-]{4,80})\)$/;
const instance =
  /^\s+MIG (\d{1,2}(?:c\.\d{1,2})?g\.\d{1,4}gb(?:[+-][a-z.+-]{1,20})?)\s+Device\s+(\d{1,3}): \(UUID: (MIG-[0-9a-zA-Z/-]{4,120})\)$/;

/**
 * `nvidia-smi -L`: the only output with profiles and UUIDs of MIG instances.
 * @throws PlimsollError `nvidia-smi-invalid` (input).
 */
export function readDeviceList(bytes: Uint8Array): readonly ListedDevice[] {
  const devices: (ListedDevice & { readonly instances: ListedInstance[] })[] = [];
  for (const { line, text } of smiLines(bytes, command)) {
    const boardMatch = board.exec(text);
    if (boardMatch !== null) {
      const [, index, product = '', uuid = ''] = boardMatch;
      devices.push({ index: Number(index), product, uuid, instances: [] });
      continue;
    }
    const instanceMatch = instance.exec(text);
    const current = devices.at(-1);
    if (instanceMatch === null || current === undefined) {
      if (/^(?:No devices|Unable to determine)/.test(text)) continue;
      throw invalidLines(command, `line ${line} reads ${JSON.stringify(text.slice(0, 100))}`);
    }
    const [, profile = '', index, uuid = ''] = instanceMatch;
    current.instances.push({ index: Number(index), profile, uuid });
  }
  return devices;
}

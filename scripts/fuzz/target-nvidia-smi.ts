import { readFileSync } from 'node:fs';
import path from 'node:path';
import { mutateXml } from './mutate-xml.ts';
import type { FuzzTarget } from './target.ts';

const fixtures = path.join(import.meta.dirname, '../../src/formats/nvidia-smi-xml/fixtures');
const fixture = (name: string): string => readFileSync(path.join(fixtures, `${name}.xml`), 'utf8');

export const nvidiaSmiTarget: FuzzTarget = {
  parser: 'nvidia-smi',
  bytesAtMost: 48 * 1024,
  dictionary: [
    ...[
      '<nvidia_smi_log>',
      '</nvidia_smi_log>',
      '<gpu id="00000000:00:04.0">',
      '</gpu>',
      '<gpu>',
      '<product_name>',
      '</',
    ],
    ...[
      '<mig_mode>',
      '<current_mig>Enabled</current_mig>',
      '<mig_devices>',
      '<mig_device>',
      '<fb_memory_usage>',
      '<total>',
    ],
    ...[
      'N/A',
      '[N/A]',
      '15360 MiB',
      '99999999999999999999 MiB',
      '-1',
      'Enabled',
      'Disabled',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
    ],
    ...[
      '&lt;',
      '&#x10FFFF;',
      '&#0;',
      '&bomb;',
      '<!DOCTYPE a [<!ENTITY b "c">]>',
      '<?xml version="1.0"?>',
      '<driver_version>',
    ],
    ...[
      '<cuda_version>12.8</cuda_version>',
      '<attached_gpus>8</attached_gpus>',
      '\u{1f600}',
      [0xff, 0xfe],
      [0xc0, 0x80],
    ],
  ],
  seeds: () => Promise.resolve([new TextEncoder().encode(fixture('t4')), new TextEncoder().encode(partitioned())]),
  mutate: mutateXml,
  async run(bytes) {
    const { nodeFactsOfNvidiaSmi } = await import('../../src/formats/nvidia-smi-xml/node-facts-of-nvidia-smi.ts');
    // A line of dashes is between the three outputs of one input.
    const [xml = bytes, csv, list] = partsOf(bytes);
    return JSON.stringify(nodeFactsOfNvidiaSmi({ xml, csv, list, name: 'node', takenAtMs: 0 }));
  },
};

/** The A100 with two instances, its CSV and its list. */
function partitioned(): string {
  const instance = (index: number, size: number): string =>
    `<mig_device><index>${index}</index><gpu_instance_id>${index}</gpu_instance_id><compute_instance_id>0</compute_instance_id>` +
    `<device_attributes><shared><multiprocessor_count>${size}</multiprocessor_count></shared></device_attributes>` +
    `<fb_memory_usage><total>4864 MiB</total><reserved>0 MiB</reserved></fb_memory_usage></mig_device>`;
  const xml = fixture('a100')
    .replace('<current_mig>Disabled<', '<current_mig>Enabled<')
    .replace(/<mig_devices>[\s\S]*?<\/mig_devices>/, `<mig_devices>${instance(0, 42)}${instance(1, 14)}</mig_devices>`);
  const uuid = /<uuid>([^<]*)</.exec(xml)?.[1] ?? '';
  const bus = /<pci_bus_id>([^<]*)</.exec(xml)?.[1] ?? '';
  const csv =
    'index, uuid, name, pci.bus_id, compute_cap, driver_version, memory.total [MiB]\n' +
    `0, ${uuid}, NVIDIA A100-SXM4-40GB, ${bus}, 8.0, 570.124.06, 40960 MiB\n`;
  const list =
    `GPU 0: NVIDIA A100-SXM4-40GB (UUID: ${uuid})\n` +
    '  MIG 3g.20gb     Device  0: (UUID: MIG-e07a497d-1bb6-5a42-b670-1c33bf55ab6e)\n' +
    '  MIG 1g.5gb      Device  1: (UUID: MIG-ffda444c-c706-57c6-98c9-67c441a0b109)\n';
  return [xml, csv, list].join('\n----\n');
}

const border = new TextEncoder().encode('\n----\n');

/** The three outputs in one input: XML, CSV and list. */
function partsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = buffer.indexOf(border); at >= 0 && parts.length < 2; at = buffer.indexOf(border, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + border.length;
  }
  parts.push(bytes.subarray(from));
  return parts;
}

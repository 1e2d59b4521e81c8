import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nodeFactsSchema } from '../../schemas/pool/node-facts.ts';
import { nodeFactsOfNvidiaSmi } from './node-facts-of-nvidia-smi.ts';

const capture = readFileSync(new URL('./fixtures/a100.xml', import.meta.url), 'utf8');
const encoded = new TextEncoder().encode(capture);
const facts = (xml: string | Uint8Array) =>
  nodeFactsOfNvidiaSmi({
    xml: typeof xml === 'string' ? new TextEncoder().encode(xml) : xml,
    name: 'node',
    takenAtMs: null,
  });
const whole = facts(capture).devices?.[0] as DeviceFacts;

/** What nvidia-smi writes where it cannot tell. */
const untold = [
  'N/A',
  '[N/A]',
  'Unknown Error',
  '[Unknown Error]',
  '[Not Supported]',
  'ERR!',
  'GPU is lost',
  'GPU requires reset',
  'Insufficient Permissions',
  'Requested functionality has been deprecated',
  '',
];

/** Each fact by where it stands; the element that names it is the last of the path. */
const places: readonly (readonly [field: string, element: string, value: string])[] = [
  ['uuid', 'uuid', 'GPU-00000000-0000-0000-0000-000000000000'],
  ['product', 'product_name', 'NVIDIA A100-SXM4-40GB'],
  ['brand', 'product_brand', 'NVIDIA'],
  ['architecture', 'product_architecture', 'Ampere'],
  ['memoryBytes', 'total', '40960 MiB'],
  ['reservedBytes', 'reserved', '518 MiB'],
  ['driver', 'driver_version', '570.148.08'],
  ['driverCuda', 'cuda_version', '12.8'],
  ['eccEnabled', 'current_ecc', 'Enabled'],
  ['powerLimitWatts', 'current_power_limit', '400.00 W'],
  ['link.generation', 'current_link_gen', '4'],
  ['link.maxGeneration', 'max_link_gen', '4'],
  ['link.width', 'current_link_width', '16x'],
  ['link.maxWidth', 'max_link_width', '16x'],
];

const withFact = (field: string, value: unknown): DeviceFacts => {
  const [name = '', inner] = field.split('.');
  if (inner === undefined) return { ...whole, [name]: value };
  return { ...whole, link: { ...whole.link, [inner]: value } as DeviceFacts['link'] };
};
const withoutReasons = (device: DeviceFacts | undefined): unknown => ({ ...device, unknown: {} });

describe('a fact that is not told', () => {
  test.each(places)(
    '%s: an element <%s> that is renamed gives null, its name, and nothing else',
    (field, element, value) => {
      const xml = capture.replace(`<${element}>${value}</${element}>`, `<${element}_v2>${value}</${element}_v2>`);
      expect(xml).not.toBe(capture);
      const device = facts(xml).devices?.[0];
      expect(withoutReasons(device)).toEqual(withoutReasons(withFact(field, null)));
      expect(device?.unknown[field]).toContain(element);
    },
  );

  test.each(places)(
    '%s: whatever <%s> reads instead of a value gives null, and what it reads',
    (field, element, value) => {
      for (const text of untold) {
        const device = facts(capture.replace(`<${element}>${value}<`, `<${element}>${text}<`)).devices?.[0];
        expect(withoutReasons(device)).toEqual(withoutReasons(withFact(field, null)));
        expect(device?.unknown[field]).toContain(`reads ${JSON.stringify(text)}`);
      }
    },
  );

  test('a value in another unit is not taken for one in ours', () => {
    const device = facts(capture.replace('<total>40960 MiB<', '<total>40 GiB<')).devices?.[0];
    expect(device?.memoryBytes).toBeNull();
    expect(device?.unknown['memoryBytes']).toBe('fb_memory_usage/total reads "40 GiB"');
  });

  test('an element that stands there twice is not read', () => {
    const device = facts(capture.replace('<uuid>', '<uuid>GPU-11111111-1111</uuid><uuid>')).devices?.[0];
    expect(device?.uuid).toBeNull();
    expect(device?.unknown['uuid']).toBe('uuid stands there more than once');
  });

  test('without the PCI device number there is no capability, since a name is no ground for one', () => {
    const device = facts(capture.replace('<pci_device_id>20B010DE<', '<pci_device_id>[REDACTED]<')).devices?.[0];
    expect(device).toMatchObject({ pciDeviceId: null, computeCapability: null, product: 'NVIDIA A100-SXM4-40GB' });
    expect(device?.unknown['computeCapability']).toContain('--query-gpu');
    const unheardOf = facts(capture.replace('<pci_device_id>20B010DE<', '<pci_device_id>307F10DE<')).devices?.[0];
    expect(unheardOf).toMatchObject({ pciDeviceId: '0x307F10DE', computeCapability: null });
  });

  test('MIG: N/A is off, a missing element is not known', () => {
    const notAvailable = facts(capture.replace('<current_mig>Disabled<', '<current_mig>N/A<')).devices?.[0];
    expect(notAvailable?.mig).toEqual({ capable: null, enabled: false, instances: [] });
    expect(notAvailable?.unknown['mig.capable']).toBe('mig_mode/current_mig reads "N/A"');
    const renamed = facts(capture.replaceAll('current_mig>', 'active_mig>')).devices?.[0];
    expect(renamed).toMatchObject({ mig: null, sharing: null });
    expect(renamed?.unknown['mig']).toBe('there is no element mig_mode/current_mig');
    const failed = facts(capture.replace('<current_mig>Disabled<', '<current_mig>[Unknown Error]<')).devices?.[0];
    expect(failed?.mig).toBeNull();
  });

  test('throttle reasons: what is active is told beside one that is not', () => {
    const reason = 'clocks_event_reason_hw_slowdown';
    const some = facts(capture.replace(`<${reason}>Not Active<`, `<${reason}>N/A<`)).devices?.[0];
    expect(some?.throttleReasons).toEqual(['gpu_idle']);
    expect(some?.unknown['throttleReasons']).toBe(`clocks_event_reasons/${reason} reads "N/A"`);
    const none = facts(capture.replaceAll('clocks_event_reasons>', 'clocks_reasons>')).devices?.[0];
    expect(none?.throttleReasons).toBeNull();
    expect(none?.unknown['throttleReasons']).toContain('clocks_event_reasons or clocks_throttle_reasons');
  });

  test('a log that counts more boards than it lists says so, and gives none of them a number', () => {
    const node = facts(capture.replace('<attached_gpus>1<', '<attached_gpus>8<'));
    expect(node.unknown['devices']).toBe('attached_gpus reads 8, and 1 are listed');
    expect(node.devices?.[0]).toMatchObject({ index: null, product: 'NVIDIA A100-SXM4-40GB' });
  });

  test('no board in the log is none only where it counted none', () => {
    const empty = capture.replace(/<gpu id[\s\S]*<\/gpu>/, '');
    expect(facts(empty).devices).toBeNull();
    expect(facts(empty.replace('<attached_gpus>1<', '<attached_gpus>0<')).devices).toEqual([]);
  });
});

describe('input that is not what nvidia-smi writes', () => {
  const codeOf = (xml: string | Uint8Array): unknown => {
    try {
      return facts(xml);
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError)) throw thrown;
      expect(thrown.next).toContain('nvidia-smi -q -x');
      return `${thrown.code} ${thrown.category}: ${thrown.message}`;
    }
  };

  test('truncated anywhere: an error, and no facts of half a node', () => {
    for (let length = 0; length < encoded.length - 20; length += 131) {
      expect(codeOf(encoded.slice(0, length))).toMatch(/^nvidia-smi-invalid input: /);
    }
  });

  test.each([
    ['another tool', '<?xml version="1.0"?><lshw><node/></lshw>', 'the root element is <lshw>'],
    ['what it prints without a driver', "NVIDIA-SMI has failed because it couldn't", 'it begins with "NVIDIA-SMI'],
    ['nothing', '', 'it begins with ""'],
    ['a binary', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0xff]), 'neither UTF-8 nor UTF-16'],
    ['two documents', `${capture}${capture}`, 'line '],
    ['deep nesting', `<nvidia_smi_log>${'<gpu>'.repeat(10_000)}`, 'nested more than'],
    ['many elements', `<nvidia_smi_log>${'<gpu/>'.repeat(300_000)}</nvidia_smi_log>`, 'more than 200000 elements'],
    ['100 MB', new Uint8Array(100_000_000), '100000000 bytes'],
  ])('%s', (_, xml, message) => {
    expect(codeOf(xml)).toContain(message);
  });

  test('a billion laughs end at the declaration', () => {
    const lols = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
    const bomb = `<?xml version="1.0"?><!DOCTYPE nvidia_smi_log [<!ENTITY l0 "lol">${lols}]><nvidia_smi_log>&l9;</nvidia_smi_log>`;
    expect(codeOf(bomb)).toContain('declares entities');
  });

  test('changed bytes give an error or facts of the right form, and nothing else', () => {
    const edit = fc.tuple(fc.nat(encoded.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const bytes = encoded.slice();
        for (const [at, byte] of edits) bytes[at] = byte;
        const result = codeOf(bytes);
        if (typeof result === 'string') expect(result).toMatch(/^nvidia-smi-invalid input: /);
        else expect(() => nodeFactsSchema.parse(result)).not.toThrow();
      }),
      { numRuns: 150 },
    );
  });
});

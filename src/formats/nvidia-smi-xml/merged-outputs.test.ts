import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nodeFactsOfNvidiaSmi } from './node-facts-of-nvidia-smi.ts';

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}.xml`, import.meta.url), 'utf8');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const mebibyte = 1024 * 1024;

function facts(xml: string, { csv, list }: { csv?: string; list?: string } = {}) {
  return nodeFactsOfNvidiaSmi({
    xml: bytes(xml),
    csv: csv === undefined ? undefined : bytes(csv),
    list: list === undefined ? undefined : bytes(list),
    name: 'node',
    takenAtMs: null,
  });
}

/** As drivers from 470 on write an instance: neither profile nor UUID. */
const migDevice = (index: number, instance: number, multiprocessors: number, mebibytes: number): string => `
  <mig_device>
    <index>${index}</index>
    <gpu_instance_id>${instance}</gpu_instance_id>
    <compute_instance_id>0</compute_instance_id>
    <device_attributes><shared><multiprocessor_count>${multiprocessors}</multiprocessor_count></shared></device_attributes>
    <ecc_error_count><volatile_count><sram_uncorrectable>0</sram_uncorrectable></volatile_count></ecc_error_count>
    <fb_memory_usage><total>${mebibytes} MiB</total><reserved>0 MiB</reserved></fb_memory_usage>
  </mig_device>`;

const partitioned = fixture('a100')
  .replace('<current_mig>Disabled<', '<current_mig>Enabled<')
  .replace(
    /<mig_devices>[\s\S]*?<\/mig_devices>/,
    `<mig_devices>${migDevice(0, 1, 42, 19968)}${migDevice(1, 9, 14, 4864)}${migDevice(2, 10, 14, 4864)}</mig_devices>`,
  );

const list = [
  'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-00000000-0000-0000-0000-000000000000)',
  '  MIG 3g.20gb     Device  0: (UUID: MIG-e07a497d-1bb6-5a42-b670-1c33bf55ab6e)',
  '  MIG 1g.5gb      Device  1: (UUID: MIG-ffda444c-c706-57c6-98c9-67c441a0b109)',
  '  MIG 1g.5gb+me   Device  2: (UUID: MIG-fe9bc608-60f5-5479-8cc4-1827021d27a9)',
  '',
].join('\n');

describe('MIG instances', () => {
  test('the XML alone tells sizes, and names what it does not tell', () => {
    const device = facts(partitioned).devices?.[0];
    expect(device?.sharing).toBe('mig');
    expect(device?.mig).toEqual({
      capable: true,
      enabled: true,
      instances: [
        { profile: '3g.20gb', uuid: null, memoryBytes: 19968 * mebibyte, multiprocessors: 42, placement: null },
        { profile: null, uuid: null, memoryBytes: 4864 * mebibyte, multiprocessors: 14, placement: null },
        { profile: null, uuid: null, memoryBytes: 4864 * mebibyte, multiprocessors: 14, placement: null },
      ],
    });
    expect(device?.unknown).toMatchObject({
      'mig.instances.profile': expect.stringContaining('nvidia-smi -L'),
      'mig.instances.uuid': expect.stringContaining('nvidia-smi -L'),
      'mig.instances.placement': expect.any(String),
    });
  });

  test('-L names them', () => {
    const device = facts(partitioned, { list }).devices?.[0];
    expect(device?.mig?.instances.map(({ profile, memoryBytes }) => [profile, memoryBytes])).toEqual([
      ['3g.20gb', 19968 * mebibyte],
      ['1g.5gb', 4864 * mebibyte],
      ['1g.5gb+me', 4864 * mebibyte],
    ]);
    expect(device?.mig?.instances[2]?.uuid).toBe('MIG-fe9bc608-60f5-5479-8cc4-1827021d27a9');
    expect(Object.keys(device?.unknown ?? {})).toEqual(['numaNode', 'mig.instances.placement']);
  });

  test('outputs of different times: every instance is kept, and the doubt is told', () => {
    const fewer = list.split('\n').slice(0, 2).join('\n');
    const device = facts(partitioned, { list: fewer }).devices?.[0];
    expect(device?.mig?.instances.map(({ profile }) => profile)).toEqual(['3g.20gb', null, null]);
    expect(device?.unknown['mig.instances']).toBe(
      'the XML lists 3 instances and nvidia-smi -L 1: not every one is whole',
    );
    const more = facts(partitioned.replace(migDevice(2, 10, 14, 4864), ''), { list }).devices?.[0];
    expect(more?.mig?.instances[2]).toMatchObject({ profile: '1g.5gb+me', memoryBytes: null, multiprocessors: null });
  });

  test('-L with instances where the XML says that MIG is off: not known which holds', () => {
    const device = facts(fixture('a100'), { list }).devices?.[0];
    expect(device?.mig).toBeNull();
    expect(device?.unknown['mig']).toContain('MIG is not on');
  });

  test('MIG is on and there is no instance', () => {
    const none = fixture('a100').replace('<current_mig>Disabled<', '<current_mig>Enabled<');
    expect(facts(none).devices?.[0]?.mig).toEqual({ capable: true, enabled: true, instances: [] });
    const renamed = partitioned.replaceAll('mig_devices>', 'mig_list>');
    expect(facts(renamed).devices?.[0]?.unknown['mig.instances']).toBe('there is no element mig_devices');
  });
});

test('how boards are handed out can be stated for whole boards, and for no others', () => {
  const stated = (xml: string) =>
    nodeFactsOfNvidiaSmi({ xml: bytes(xml), name: 'node', takenAtMs: null, sharing: 'exclusive' }).devices?.[0]
      ?.sharing;
  expect(stated(fixture('a100'))).toBe('exclusive');
  expect(stated(partitioned)).toBe('mig');
  expect(stated(fixture('a100').replaceAll('mig_mode>', 'mig_state>'))).toBeNull();
});

describe('--query-gpu', () => {
  const header = 'index, uuid, name, pci.bus_id, compute_cap, driver_version, memory.total [MiB]';
  const row = (index: number, bus: string, uuid: string, capability: string): string =>
    `${index}, ${uuid}, NVIDIA H100 80GB HBM3, 00000000:${bus}:00.0, ${capability}, 580.105.08, 81559 MiB`;
  const uuid = (n: number): string => `GPU-0000000${n}-0000-0000-0000-00000000000${n}`;

  test('tells the capability, which goes before the table of boards', () => {
    const csv = [header, row(1, '64', uuid(1), '9.0'), row(0, '53', uuid(0), '9.1')].join('\n');
    const { devices } = facts(fixture('h100'), { csv });
    expect(devices?.[0]?.computeCapability).toBe('9.1');
    expect(devices?.[1]?.computeCapability).toBe('9.0');
  });

  test('tells the capability of a board that no table has', () => {
    const xml = fixture('a100').replace('20B010DE', '307F10DE');
    const csv = 'pci.bus_id, compute_cap\n00000000:06:00.0, 10.7\n';
    const device = facts(xml, { csv }).devices?.[0];
    expect(device?.computeCapability).toBe('10.7');
    expect(device?.unknown['computeCapability']).toBeUndefined();
  });

  test('with nounits, or with a value that it cannot tell', () => {
    const xml = fixture('a100').replace('<total>40960 MiB<', '<total>N/A<');
    const csv = 'uuid, memory.total [MiB], power.limit [W]\nGPU-00000000-0000-0000-0000-000000000000, 40960, 400.00';
    expect(facts(xml, { csv }).devices?.[0]?.memoryBytes).toBe(40960 * mebibyte);
    const untold = csv.replace('40960', '[N/A]');
    const device = facts(xml, { csv: untold }).devices?.[0];
    expect(device?.memoryBytes).toBeNull();
    expect(device?.unknown['memoryBytes']).toBe('fb_memory_usage/total reads "N/A"');
  });

  test('what it says of a board that fell off the bus is kept', () => {
    const lost = 'Unable to determine the device handle for GPU1: 0000:64:00.0: Unknown Error';
    const csv = [lost, header, row(0, '53', uuid(0), '9.0')].join('\n');
    expect(facts(fixture('h100'), { csv }).unknown['devices']).toBe(lost);
  });

  test.each([
    ['a row of another node', [header, row(0, 'FF', uuid(0), '9.0')].join('\n'), 'not of one node'],
    ['another driver', [header, row(0, '53', uuid(0), '9.0').replace('580.105.08', '580.65.06')].join('\n'), 'driver'],
    ['noheader', row(0, '53', uuid(0), '9.0'), 'leave out noheader'],
    ['a row that is cut', `${header}\n0, GPU-0000`, 'line 2 has 2 cells and the header 7'],
    ['nothing', '', 'there is no line in it'],
    ['something else', 'hello world', 'names no columns'],
    ['a large file', 'x'.repeat(2_000_000), '2000000 bytes'],
  ])('%s is an error that says so', (_, csv, message) => {
    expect(() => facts(fixture('h100'), { csv })).toThrow(message);
  });
});

describe('-L', () => {
  test.each([
    ['a board of another node', list.replaceAll('00000000-', '22222222-'), 'not of one node'],
    ['another tool', 'Module  Size  Used by', 'line 1 reads "Module'],
    ['an instance without a board', list.split('\n').slice(1).join('\n'), 'line 1 reads'],
  ])('%s is an error that says so', (_, text, message) => {
    expect(() => facts(partitioned, { list: text })).toThrow(message);
  });

  test('older drivers name an instance by its board', () => {
    const old = list.replace(/MIG-e07a[0-9a-f-]+/, 'MIG-GPU-00000000-0000-0000-0000-000000000000/1/0');
    expect(facts(partitioned, { list: old }).devices?.[0]?.mig?.instances[0]?.uuid).toMatch(/\/1\/0$/);
  });

  test('several compute instances in one GPU instance', () => {
    const split = list.replace('MIG 3g.20gb ', 'MIG 1c.3g.20gb ');
    expect(facts(partitioned, { list: split }).devices?.[0]?.mig?.instances[0]?.profile).toBe('1c.3g.20gb');
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { nodeFactsOfNvidiaSmi } from './node-facts-of-nvidia-smi.ts';

const capture = readFileSync(new URL('./fixtures/a100.xml', import.meta.url), 'utf8');

/**
 * The A100's capture (driver 570) as other drivers write the same board. What each driver names how was seen in published
 * outputs: 525.147.05, 535.54.03 and 590.44.01 in telegraf's test data, 580, 595 and 615.23 in NVIDIA/k8s-test-infra.
 */
type Rewrite = (xml: string) => string;

const named =
  (driver: string, cuda: string, dtd: number): Rewrite =>
  (xml) =>
    xml
      .replaceAll('570.148.08', driver)
      .replace('<cuda_version>12.8<', `<cuda_version>${cuda}<`)
      .replace('nvsmi_device_v12.dtd', `nvsmi_device_v${dtd}.dtd`);

const without =
  (...names: string[]): Rewrite =>
  (xml) =>
    names.reduce((text, name) => text.replaceAll(new RegExp(`\\s*<${name}>[\\s\\S]*?</${name}>`, 'g'), ''), xml);

/** To 530: one block of power readings, with the limit that was asked for beside the one that is enforced. */
const oldPower: Rewrite = (xml) =>
  without(
    'gpu_memory_power_readings',
    'module_power_readings',
    'power_smoothing',
    'power_profiles',
  )(xml).replace(
    /<gpu_power_readings>[\s\S]*?<\/gpu_power_readings>/,
    [
      '<power_readings>',
      '<power_state>P0</power_state><power_management>Supported</power_management>',
      '<power_draw>49.68 W</power_draw><power_limit>450.00 W</power_limit>',
      '<default_power_limit>400.00 W</default_power_limit><enforced_power_limit>400.00 W</enforced_power_limit>',
      '<min_power_limit>100.00 W</min_power_limit><max_power_limit>400.00 W</max_power_limit>',
      '</power_readings>',
    ].join('\n'),
  );

const oldThrottle: Rewrite = (xml) => xml.replaceAll('clocks_event_reason', 'clocks_throttle_reason');

/** To 550 the draw has one name. */
const oneDraw: Rewrite = (xml) => without('average_power_draw')(xml).replaceAll('instant_power_draw', 'power_draw');

const oldElements = without('addressing_mode', 'platformInfo', 'inforom_bbx_flush', 'gpu_recovery_action', 'c2c_mode');

const deprecated: Rewrite = (xml) =>
  without(
    'gpu_reset_status',
    'voltage',
  )(xml).replace('<display_mode>Enabled<', '<display_mode>Requested functionality has been deprecated<');

/** 615: the driver under a second name, comments, the limit in a second place, more reasons. */
const newest: Rewrite = (xml) =>
  xml
    .replace(
      '<attached_gpus>',
      [
        '<!-- driver_version is deprecated and will be removed in CUDA 14.0; use kmd_version instead -->',
        '<kmd_version>615.23</kmd_version><cuda_umd_version>13.4</cuda_umd_version>',
        '<attached_gpus>',
      ].join('\n'),
    )
    .replace(
      '<current_power_limit>400.00 W<',
      [
        '<gpu_ceiling_power_limit><current_power_limit>500.00 W</current_power_limit></gpu_ceiling_power_limit>',
        '<current_power_limit>400.00 W<',
      ].join('\n'),
    )
    .replace(
      '</clocks_event_reasons>',
      '<clocks_event_reason_board_limit>Not Active</clocks_event_reason_board_limit></clocks_event_reasons>',
    );

const formats: readonly (readonly [driver: string, cuda: string, dtd: number, rewrites: readonly Rewrite[]])[] = [
  ['525.147.05', '12.0', 12, [oldPower, oldThrottle, oldElements]],
  ['530.30.02', '12.1', 12, [oldPower, oldThrottle, oldElements]],
  ['535.54.03', '12.2', 12, [oneDraw]],
  ['545.23.08', '12.3', 12, [oneDraw]],
  ['550.54.15', '12.4', 12, [oneDraw]],
  ['555.42.06', '12.5', 12, []],
  ['560.35.05', '12.6', 12, []],
  ['565.57.01', '12.7', 12, []],
  ['570.148.08', '12.8', 12, []],
  ['575.57.08', '12.9', 12, []],
  ['580.105.08', '13.0', 13, [deprecated]],
  ['590.44.01', '13.1', 13, [deprecated]],
  ['595.91.07', '13.2', 13, [deprecated]],
  ['610.57.04', '13.3', 13, [deprecated]],
  ['615.23', '13.4', 13, [deprecated, newest]],
];

const facts = (xml: string) =>
  nodeFactsOfNvidiaSmi({ xml: new TextEncoder().encode(xml), name: 'node', takenAtMs: null });

describe('drivers 525 to 615', () => {
  test.each(formats)('%s with CUDA %s tells every fact of the same board', (driver, cuda, dtd, rewrites) => {
    const xml = [named(driver, cuda, dtd), ...rewrites].reduce((text, rewrite) => rewrite(text), capture);
    const expected = facts(capture);
    const told = facts(xml);
    // Older drivers tell less of the state of a board.
    const stateOf = (device: DeviceFacts, index: number) => {
      const state = told.devices?.[index]?.state;
      expect(device.state).toMatchObject({ ...state });
      return state === undefined ? {} : { state };
    };
    expect(told).toEqual({
      ...expected,
      devices: expected.devices?.map((device, index) => {
        const { state: _newer, ...rest } = device;
        return { ...rest, driver, driverCuda: cuda, ...stateOf(device, index) };
      }),
    });
  });

  test('a driver that writes only the new names is read by them', () => {
    const xml = without('driver_version', 'cuda_version')(newest(capture));
    expect(facts(xml).devices?.[0]).toMatchObject({ driver: '615.23', driverCuda: '13.4', powerLimitWatts: 400 });
  });

  test('a CUDA version that is not written is not taken from the number of the driver', () => {
    const { devices } = facts(without('cuda_version')(capture));
    expect(devices?.[0]).toMatchObject({ driver: '570.148.08', driverCuda: null });
    expect(devices?.[0]?.unknown['driverCuda']).toBe('there is no element cuda_version or cuda_umd_version');
  });
});

import { describe, expect, it } from 'vitest';
import { stateOfXml } from './state-of-xml.ts';
import type { XmlElement } from './xml-tree.ts';

const element = (name: string, text: string, children: readonly XmlElement[] = []): XmlElement => ({
  name,
  attributes: {},
  text,
  children: [...children],
});
const gpu = (...children: readonly XmlElement[]): XmlElement => element('gpu', '', children);
const fabric = (state: string, status: string): XmlElement =>
  element('fabric', '', [element('state', state), element('status', status)]);
const rows = (pending: string, failure: string): XmlElement =>
  element('remapped_rows', '', [element('remapped_row_pending', pending), element('remapped_row_failure', failure)]);

describe('the state of a board in the XML of nvidia-smi', () => {
  it.each([
    ['Completed', 'Success', 'completed'],
    ['Completed', 'N/A', 'completed'],
    ['Completed', 'Failure', 'failed'],
    ['In Progress', 'N/A', 'in-progress'],
    ['Not Started', 'N/A', 'not-started'],
    ['Not Supported', 'N/A', 'not-supported'],
  ] as const)('tells a fabric that reads %s and %s', (state, status, expected) => {
    expect(stateOfXml(gpu(fabric(state, status)))).toEqual({ fabric: expected });
  });

  it.each([
    ['No', 'No', 'none'],
    ['Yes', 'No', 'pending'],
    ['Yes', 'Yes', 'failed'],
    ['No', 'Yes', 'failed'],
  ] as const)('tells rows that read %s pending and %s failed', (pending, failure, expected) => {
    expect(stateOfXml(gpu(rows(pending, failure)))).toEqual({ rowRemapping: expected });
  });

  it.each([
    ['None', 'none'],
    ['Reset', 'gpu-reset'],
    ['Reboot', 'node-reboot'],
    ['Drain P2P', 'drain-p2p'],
    ['Drain and Reset', 'drain-and-reset'],
  ] as const)('tells a recovery that reads %s', (text, expected) => {
    expect(stateOfXml(gpu(element('gpu_recovery_action', text)))).toEqual({ recovery: expected });
  });

  it.each([
    ['Licensed (Expiry: 2026-12-1 0:0:0 GMT)', 'licensed'],
    ['Unlicensed (Restricted)', 'unlicensed'],
    ['Unlicensed', 'unlicensed'],
  ] as const)('tells a licence that reads %s', (text, expected) => {
    const product = element('vgpu_software_licensed_product', '', [element('license_status', text)]);
    expect(stateOfXml(gpu(product))).toEqual({ licence: expected });
  });

  it.each([
    ['Default', undefined],
    ['Exclusive_Process', { computeMode: 'exclusive-process' }],
    ['Prohibited', { computeMode: 'prohibited' }],
  ] as const)('tells a compute mode that reads %s', (text, expected) => {
    expect(stateOfXml(gpu(element('compute_mode', text)))).toEqual(expected);
  });

  it.each([
    ['Enabled', 'Disabled', { eccPending: 'off' }],
    ['Disabled', 'Enabled', { eccPending: 'on' }],
    ['Enabled', 'Enabled', undefined],
    ['N/A', 'Enabled', undefined],
    ['Enabled', 'N/A', undefined],
  ] as const)('tells ECC that reads %s and is %s after the next reset', (current, pending, expected) => {
    const ecc = element('ecc_mode', '', [element('current_ecc', current), element('pending_ecc', pending)]);
    expect(stateOfXml(gpu(ecc))).toEqual(expected);
  });

  it.each([
    ['Enabled', undefined],
    ['Disabled', { persistence: 'off' }],
  ] as const)('tells a persistence mode that reads %s', (text, expected) => {
    expect(stateOfXml(gpu(element('persistence_mode', text)))).toEqual(expected);
  });

  it.each([
    ['bandwidth', 'Degraded', true],
    ['bandwidth', 'Full', false],
    ['summary', 'Unhealthy', true],
    ['summary', 'Healthy', false],
    ['route_unhealthy', 'True', true],
    ['route_unhealthy', 'N/A', false],
  ] as const)('tells a fabric whose %s reads %s', (name, text, degraded) => {
    const up = [
      element('state', 'Completed'),
      element('status', 'Success'),
      element('health', '', [element(name, text)]),
    ];
    expect(stateOfXml(gpu(element('fabric', '', up)))).toEqual({
      fabric: 'completed',
      ...(degraded ? { fabricHealth: 'degraded' } : {}),
    });
  });

  it('tells nothing where the driver tells nothing', () => {
    expect(stateOfXml(gpu())).toBeUndefined();
    expect(stateOfXml(gpu(fabric('N/A', 'N/A'), rows('N/A', 'N/A')))).toBeUndefined();
  });
});

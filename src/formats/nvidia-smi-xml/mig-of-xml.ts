import type { MigFacts, MigInstance } from '../../core/pool/node-facts.ts';
import { elementAt, ElementFacts } from './element-facts.ts';
import { inferProfile } from '../../core/hardware/tables/infer-profile.ts';
import { boardOf } from './boards.ts';
import { readCount, readMebibytes } from './told-value.ts';
import type { XmlElement } from './xml-tree.ts';

/** Number of an instance on its board, as `nvidia-smi -L` counts it, beside what the XML tells of it. */
export interface NumberedInstance {
  readonly index: number | null;
  readonly instance: MigInstance;
}

/**
 * MIG of one board. The XML names neither profile nor UUID of an instance; the profile is inferred where only one fits.
 *
 * | current_mig | capable | enabled |
 * |---|---|---|
 * | Enabled | yes | yes |
 * | Disabled | yes | no |
 * | N/A | no, where the board is known to have none; else not known | no |
 * | missing, anything else | not known | not known: no MIG facts at all |
 */
export function migOfXml(
  gpu: XmlElement,
  facts: ElementFacts,
  pciDeviceId: string | null,
): { readonly mig: MigFacts | null; readonly instances: readonly NumberedInstance[] } {
  const mode = facts.read('mig', ['mig_mode/current_mig'], (text) =>
    text === 'Enabled' || text === 'Disabled' || text === 'N/A' ? text : null,
  );
  if (mode === null) return { mig: null, instances: [] };
  if (mode === 'Disabled') return { mig: { capable: true, enabled: false, instances: [] }, instances: [] };
  if (mode === 'N/A') {
    const capable = boardOf(pciDeviceId)?.mig === false ? false : null;
    if (capable === null) facts.unknown['mig.capable'] = 'mig_mode/current_mig reads "N/A"';
    return { mig: { capable, enabled: false, instances: [] }, instances: [] };
  }
  const instances = instancesOf(gpu, facts, pciDeviceId);
  return { mig: { capable: true, enabled: true, instances: instances.map(({ instance }) => instance) }, instances };
}

function instancesOf(gpu: XmlElement, facts: ElementFacts, pciDeviceId: string | null): readonly NumberedInstance[] {
  const list = elementAt(gpu, 'mig_devices');
  if (list === null) {
    facts.unknown['mig.instances'] = 'there is no element mig_devices';
    return [];
  }
  const elements = list.children.filter(({ name }) => name === 'mig_device');
  if (elements.length === 0 && !/^(?:none)?$/i.test(list.text)) {
    facts.unknown['mig.instances'] = `mig_devices reads ${JSON.stringify(list.text.slice(0, 80))}`;
  }
  return elements.map((element) => instanceOf(element, facts, pciDeviceId));
}

function instanceOf(element: XmlElement, facts: ElementFacts, pciDeviceId: string | null): NumberedInstance {
  const own = new ElementFacts(element);
  const index = own.read('index', ['index'], readCount);
  const memoryBytes = own.read('memoryBytes', ['fb_memory_usage/total'], readMebibytes);
  const multiprocessors = own.read(
    'multiprocessors',
    ['device_attributes/shared/multiprocessor_count', 'device_attributes/multiprocessor_count'],
    readCount,
  );
  for (const [field, reason] of Object.entries(own.unknown)) facts.unknown[`mig.instances.${field}`] = reason;
  const profile = inferProfile(pciDeviceId, memoryBytes, multiprocessors);
  return { index, instance: { profile, uuid: null, memoryBytes, multiprocessors, placement: null } };
}

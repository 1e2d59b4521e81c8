import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { classOnlyFacts } from '../../core/pool/classes/class-only-facts.ts';
import type { Sharing } from '../../core/contract/contract.ts';
import type { AcceleratorClass } from '../../core/pool/classes/device-class.ts';
import { acceleratorClassOf } from '../../core/pool/classes/device-class.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { bytesForm, readBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { gpuOf } from '../../core/hardware/tables/gpus.ts';
import { memoryOfProduct } from '../../core/hardware/tables/product-memory.ts';
import { profileMemory } from '../../core/hardware/tables/profile-memory.ts';
import type { CommandInput } from '../command.ts';

/**
 * The facts that a verdict cannot do without; what else is not given stays unknown. Capability and memory are those of the table of
 * products where it knows them.
 */
const needed = ['product', 'capability', 'memory', 'driver', 'cuda'] as const;

/** What the table of products says of the named product, in the forms of the options. */
function optionsOfProduct(product: unknown): { readonly capability?: string; readonly memory?: string } {
  const gpu = typeof product === 'string' ? gpuOf(product) : null;
  if (gpu === null) return {};
  const memoryBytes = memoryOfProduct(gpu, String(product));
  return { capability: gpu.capability, ...(memoryBytes === null ? {} : { memory: `${memoryBytes / 2 ** 20}MiB` }) };
}

/** @throws PlimsollError `option-missing`, `option-invalid` (input). */
export function classOfOptions(given: CommandInput['options']): AcceleratorClass {
  const options: CommandInput['options'] = { ...optionsOfProduct(given['product']), ...given };
  const missing = needed.filter((name) => typeof options[name] !== 'string');
  if (missing.length > 0) {
    throw new PlimsollError({
      code: 'option-missing',
      category: 'input',
      message: `a declared class needs ${missing.map((name) => `--${name}`).join(', ')}, or --class with a digest of a snapshot`,
      next: nextStep(cliSteps, 'option-missing/pool-declare'),
    });
  }
  const mig = profilesOf(options['mig'], String(options['product']), options['pciDeviceId']);
  return acceleratorClassOf({
    product: textOf(options, 'product', /^.{1,200}$/, 'it is a name of at most 200 characters'),
    brand: optional(options, 'brand', /^[a-z0-9-]{1,40}$/, 'it is a brand in lower case, such as nvidia or geforce'),
    pciDeviceId: optional(options, 'pciDeviceId', /^0x[0-9A-F]{8}$/, 'it is device and vendor, such as 0x233010DE'),
    computeCapability: textOf(options, 'capability', /^\d{1,2}\.\d{1,2}$/, 'it is a compute capability such as 9.0'),
    memoryBytes: bytesOf(options['memory']),
    driver: textOf(options, 'driver', /^\d{1,5}(?:\.\d{1,5}){1,2}$/, 'it is a driver version such as 570.148.08'),
    driverCuda: textOf(options, 'cuda', /^\d{1,3}\.\d{1,3}$/, 'it is a CUDA version such as 12.8'),
    eccEnabled: eccOf(options['ecc']),
    sharing: sharingOf(options['sharing'], mig.length > 0),
    mig: { capable: null, enabled: mig.length > 0, instances: mig },
    certainty: 'declared',
    ...classOnlyFacts,
  });
}

function textOf(options: CommandInput['options'], name: string, pattern: RegExp, form: string): string {
  const text = String(options[name]).trim();
  if (pattern.test(text)) return text;
  throw invalid(
    name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    text,
    form,
  );
}

const optional = (options: CommandInput['options'], name: string, pattern: RegExp, form: string): string | null =>
  options[name] === undefined ? null : textOf(options, name, pattern, form);

function bytesOf(option: unknown): number {
  const read = readBytes(String(option));
  if (read.ok && read.value > 0) return read.value;
  throw invalid('memory', String(option), read.ok ? `it is ${bytesForm}` : (read.hint ?? read.expected));
}

function eccOf(option: unknown): boolean | null {
  if (option === undefined) return null;
  if (option === 'on' || option === 'off') return option === 'on';
  throw invalid('ecc', String(option), 'it is on or off');
}

const sharings: readonly Sharing[] = ['exclusive', 'mig', 'mps', 'time-slicing'];

function sharingOf(option: unknown, mig: boolean): Sharing {
  if (option === undefined) return mig ? 'mig' : 'exclusive';
  const sharing = sharings.find((one) => one === option);
  if (sharing !== undefined) return sharing;
  throw invalid('sharing', String(option), `it is one of ${sharings.join(', ')}`);
}

function profilesOf(option: unknown, product: string, pciDeviceId: unknown) {
  return (Array.isArray(option) ? option : []).map((given) => {
    const profile = String(given);
    if (!/^\d{1,2}(?:c\.\d{1,2})?g\.\d{1,4}gb(?:\+[a-z.]{1,10})?$/.test(profile)) {
      throw invalid('mig', profile, 'it is profiles such as 1g.10gb');
    }
    const memoryBytes = profileMemory(product, typeof pciDeviceId === 'string' ? pciDeviceId : null, profile);
    return { profile, uuid: null, memoryBytes, multiprocessors: null, placement: null };
  });
}

function invalid(name: string, given: string, form: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--${name} ${given.slice(0, 100)} cannot be read: ${form}`,
    next: nextStep(cliSteps, 'option-invalid/pool-declare-help'),
  });
}

import type { AcceleratorClass, CpuClass, DeviceClass } from './device-class.ts';

/**
 * The device classes that hardware evidence was measured for. A lock may have been edited: a class that is not whole is
 * left out, so that the device it stood for counts as never verified.
 */
export function readMeasuredClasses(measurements: Readonly<Record<string, unknown>>): readonly DeviceClass[] {
  const { classes } = measurements;
  if (!isRecord(classes)) return [];
  return Object.values(classes).flatMap((measured) => {
    const facts = isRecord(measured) ? measured['facts'] : null;
    return isRecord(facts) && (isCpuClass(facts) || isAcceleratorClass(facts)) ? [facts] : [];
  });
}

type Unread = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Unread =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

function isCpuClass(facts: Unread): facts is Unread & CpuClass {
  return facts['accelerator'] === 'cpu' && isText(facts['arch']) && isText(facts['model']);
}

function isAcceleratorClass(facts: Unread): facts is Unread & AcceleratorClass {
  const { accelerator, product, pciDeviceId, brand, computeCapability, memoryBytes, driver, driverCuda } = facts;
  const { eccEnabled, migLayout } = facts;
  return (
    accelerator === 'nvidia' &&
    [product, pciDeviceId, brand, computeCapability, driver, driverCuda].every(isTextOrNull) &&
    (memoryBytes === null || typeof memoryBytes === 'number') &&
    (eccEnabled === null || typeof eccEnabled === 'boolean') &&
    (migLayout === null || (Array.isArray(migLayout) && migLayout.every(isRecord)))
  );
}

/** As node-feature-discovery writes the vendors of CPUID. */
const vendorNames: Readonly<Record<string, string>> = { GenuineIntel: 'Intel', AuthenticAMD: 'AMD' };

/**
 * `AMD family 25 model 17`: a CPU by the numbers of CPUID. Node labels and /proc/cpuinfo both have them, and a hypervisor
 * that hides the model's name still tells them. Null where one of them is missing, or 0, as on other architectures.
 */
export function cpuIdentity(vendor = '', family = '', model = ''): string | null {
  if (!/^[A-Za-z]{2,20}$/.test(vendor) || vendor === 'VendorUnknown') return null;
  if (!/^[1-9]\d{0,3}$/.test(family) || !/^\d{1,4}$/.test(model)) return null;
  return `${vendorNames[vendor] ?? vendor} family ${Number(family)} model ${Number(model)}`;
}

const label = (name: string): string => `feature.node.kubernetes.io/cpu-model.${name}`;

/** https://kubernetes-sigs.github.io/node-feature-discovery/stable/usage/features.html (cpu) */
export const cpuOfLabels = (labels: Readonly<Record<string, string>>): string | null =>
  cpuIdentity(labels[label('vendor_id')], labels[label('family')], labels[label('id')]);

/** @param cpuinfo the beginning of /proc/cpuinfo. */
export function cpuOfKernel(cpuinfo: string): string | null {
  const [vendor, family, model] = ['vendor_id', 'cpu family', 'model'].map((key) =>
    new RegExp(`^${key}\\s*:\\s*(.+)$`, 'm').exec(cpuinfo)?.[1]?.trim(),
  );
  return cpuIdentity(vendor, family, model);
}

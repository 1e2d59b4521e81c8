import { describe, expect, it } from 'vitest';
import { cpuOfKernel, cpuOfLabels } from './cpu-identity.ts';

const labelled = (vendor: string, family: string, id: string) => ({
  'feature.node.kubernetes.io/cpu-model.vendor_id': vendor,
  'feature.node.kubernetes.io/cpu-model.family': family,
  'feature.node.kubernetes.io/cpu-model.id': id,
});

describe('a CPU by the numbers of CPUID', () => {
  it('is the same by the labels of node-feature-discovery and by the kernel', () => {
    const kernel =
      'processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n';
    expect(cpuOfKernel(kernel)).toBe('AMD family 25 model 17');
    expect(cpuOfLabels(labelled('AMD', '25', '17'))).toBe('AMD family 25 model 17');
    expect(cpuOfLabels(labelled('Intel', '6', '85'))).toBe('Intel family 6 model 85');
  });

  it.each([
    {},
    labelled('VendorUnknown', '6', '85'),
    labelled('Intel', '0', '85'),
    labelled('Intel', '6', ''),
    labelled('Intel; rm', '6', '85'),
    labelled('Intel', '6', '1e3'),
    { 'feature.node.kubernetes.io/cpu-model.vendor_id': 'Intel' },
  ])('is not told by %j', (labels) => {
    expect(cpuOfLabels(labels)).toBeNull();
  });

  it('is not told by the kernel of arm64', () => {
    expect(
      cpuOfKernel('processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n'),
    ).toBeNull();
  });
});

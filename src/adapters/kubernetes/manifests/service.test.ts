import { describe, expect, it } from 'vitest';
import type { PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ManifestOptions } from './placement.ts';
import { makeEndpointSlices, serviceName } from './service.ts';

const owner = { service: 'digits', environment: 'live' };
const options = { installation: 'first', namespace: 'inference' } as ManifestOptions;
const pod = (name: string, address: string): PodObject =>
  ({ name, uid: `uid-${name}`, address, node: 'n1' }) as PodObject;

describe('the name of a Service', () => {
  it('is of the service and its environment', () => {
    expect(serviceName(owner)).toBe('digits-live');
  });

  it('is never too long, and tells long ones apart', () => {
    const names = ['a', 'b'].map((last) => serviceName({ service: `s${'x'.repeat(61)}${last}`, environment: 'prod' }));
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});

describe('slices', () => {
  it('hold a hundred pods each, of one family, whatever the order', () => {
    const many = Array.from({ length: 150 }, (_, index) => pod(`p${index}`, `10.0.0.${index}`));
    const made = makeEndpointSlices(owner, [...many, pod('six', 'fd00::1')], options);
    expect(made.map(({ addressType, endpoints }) => [addressType, (endpoints as unknown[]).length])).toEqual([
      ['IPv4', 100],
      ['IPv4', 50],
      ['IPv6', 1],
    ]);
    expect(makeEndpointSlices(owner, [pod('six', 'fd00::1'), ...many.reverse()], options)).toEqual(made);
    expect(makeEndpointSlices(owner, [], options)).toEqual([]);
  });
});

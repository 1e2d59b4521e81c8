import { describe, expect, it } from 'vitest';
import { formatClusterAddress, parseClusterAddress } from './cluster-address.ts';

describe('the address of a control plane in a cluster', () => {
  it.each([
    [{ context: 'dev', namespace: 'ml' }],
    [{ context: 'arn:aws:eks:eu-1:1:cluster/a&b=c d', namespace: null }],
    [{ context: null, namespace: 'ml' }],
    [{ context: null, namespace: null }],
  ])('%j reads back as it was written', (address) => {
    expect(parseClusterAddress(formatClusterAddress(address))).toEqual(address);
  });

  it('is none of http', () => {
    expect(parseClusterAddress('https://kubernetes:7070')).toBeNull();
  });

  it.each([
    ['kubernetes://ml', 'kubernetes:?context=NAME&namespace=NAME'],
    ['kubernetes:ml', 'kubernetes:?context=NAME&namespace=NAME'],
    ['kubernetes:?namespace=../kube-system', '--namespace must be of 1 to 63'],
    ['kubernetes:?context=', '--context is empty'],
  ])('refuses %s', (text, says) => {
    expect(() => parseClusterAddress(text)).toThrow(says);
  });
});

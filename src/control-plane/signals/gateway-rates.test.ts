import { describe, expect, it } from 'vitest';
import { sumRates } from './gateway-rates.ts';

const rates = { requestsPerSecond: 20, errorsPerSecond: 1, queueDepth: 2, inFlight: 3, latencies: [] };

describe('the signals of all gateways', () => {
  it('add up', () => {
    const sum = sumRates([rates, rates], 0.5, 1_000);
    expect(sum).toMatchObject({
      requestsPerSecond: 40,
      errorsPerSecond: 2,
      queueDepth: 4,
      inFlight: 6,
      batchFillShare: 0.5,
    });
  });

  it('are unknown, not zero, while no gateway reports', () => {
    expect(sumRates([], null, 1_000)).toMatchObject({
      requestsPerSecond: null,
      errorsPerSecond: null,
      queueDepth: null,
      inFlight: null,
    });
  });
});

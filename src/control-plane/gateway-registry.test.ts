import { expect, it } from 'vitest';
import { aGatewayReport } from '../testing/builders/gateway-reports.ts';
import { FakeClock } from '../testing/fakes/fake-clock.ts';
import { GatewayRegistry } from './gateway-registry.ts';

it.each([
  ['http://127.0.0.1:8080', '127.0.0.1', 'http://127.0.0.1:8080'],
  ['http://0.0.0.0:8080', '::ffff:10.0.0.7', 'http://10.0.0.7:8080'],
  ['http://metadata.internal/latest', '10.0.0.7', 'http://10.0.0.7:80'],
  ['http://10.0.0.9:5432/x?y', '10.0.0.7', 'http://10.0.0.7:5432'],
  ['http://gateway:8080', 'fd00::7', 'http://[fd00::7]:8080'],
  ['nonsense', '10.0.0.7', undefined],
  ['http://127.0.0.1:8080', null, undefined],
])('a gateway that says %s and reports from %s is asked at %s', (address, from, url) => {
  const clock = new FakeClock();
  const gateways = new GatewayRegistry(clock);
  gateways.report(aGatewayReport(clock.nowMs(), {}, { address }), from);
  expect(gateways.requestUrl()).toBe(url);
  expect(gateways.views()[0]?.address).toBe(address);
});

it('one credential that reports for many gateways keeps none of another credential out', () => {
  const clock = new FakeClock();
  const gateways = new GatewayRegistry(clock);
  const report = (gatewayId: string, owner: string) =>
    gateways.report(aGatewayReport(clock.nowMs(), {}, { gatewayId }), null, owner);
  report('honest', 'one');
  for (let each = 0; each < 199; each += 1) report(`g${each}`, 'greedy');
  expect(() => report('one more', 'greedy')).toThrow('200 gateways report already');
  expect(report('late', 'another')).toBe(true);
  const ids = gateways.views().map(({ gatewayId }) => gatewayId);
  expect(ids).toHaveLength(200);
  expect(ids).toEqual(expect.arrayContaining(['honest', 'late']));
});

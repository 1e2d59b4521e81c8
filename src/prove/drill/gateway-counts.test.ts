import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ServiceView } from '../../schemas/view/view.ts';
import { gatewayCounts } from './gateway-counts.ts';

const running: (() => void)[] = [];
afterEach(() => running.splice(0).forEach((stop) => stop()));

async function metricsOf(...lines: readonly string[]): Promise<ServiceView['gateways'][number]> {
  const server = createServer((_req, res) => res.end(`${lines.join('\n')}\n`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(() => void server.close());
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } as ServiceView['gateways'][number];
}

const countsOf = (...gateways: ServiceView['gateways']) =>
  gatewayCounts({ gateways, service: 'digits', environment: 'default' }, AbortSignal.timeout(5_000));

test('a gateway of one service and one of many are added up, each by the counters of this service', async () => {
  const one = await metricsOf('plimsoll_gateway_answered_total 7', 'plimsoll_gateway_failed_total 1');
  const many = await metricsOf(
    'plimsoll_gateway_answered_total{service="words",environment="default"} 100',
    'plimsoll_gateway_answered_total{service="digits",environment="prod"} 200',
    'plimsoll_gateway_answered_total{service="digits",environment="default"} 30',
    'plimsoll_gateway_failed_total{service="digits",environment="default"} 2',
  );
  expect(await countsOf(one, many)).toEqual({ answered: 37, failed: 3 });
});

test('a gateway that does not tell this service makes the sum unknown', async () => {
  const other = await metricsOf(
    'plimsoll_gateway_answered_total{service="words",environment="default"} 1',
    'plimsoll_gateway_failed_total{service="words",environment="default"} 0',
  );
  expect(await countsOf(other)).toBeNull();
  expect(await countsOf()).toBeNull();
});

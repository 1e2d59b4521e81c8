import { expect, test } from 'vitest';
import { parseExposition } from '../../protocols/prometheus-text/parse-exposition.ts';
import { startFleetGateway, tableOf } from '../../testing/rigs/fleet-gateway-rig.ts';
import { ask, startUpstream } from '../../testing/rigs/gateway-rig.ts';

test('metrics of a gateway with a home hold each series once', async () => {
  const upstream = await startUpstream((_req, res) => void res.end('ok'));
  const home = { service: 'digits', environment: 'default' };
  const rig = await startFleetGateway([tableOf('digits', upstream.endpoint)], {}, { home });
  await ask(rig.url, { path: '/v2', body: 'x' });
  await ask(rig.url, { path: '/services/none/v2', body: 'x' });
  const { body } = await ask(rig.url, { path: '/plimsoll/metrics', method: 'GET' });
  // A series that is there twice makes the whole text unreadable.
  const { samples } = parseExposition(body);
  expect(samples.find(({ name }) => name === 'plimsoll_gateway_answered_total')?.value).toBe(1);
  expect(body.split('\n')).toContain('plimsoll_gateway_refused_total{reason="service-unknown"} 1');
  await Promise.all([rig.stop(), upstream.stop()]);
});

import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { FakePrometheus } from '../../testing/fakes/servers/fake-prometheus.ts';
import { MetricsServer } from '../../testing/fakes/servers/metrics-server.ts';
import { openMetricsSource } from './open-metrics-source.ts';

const clock = new FakeClock();
const { signal } = new AbortController();

describe('where metrics are read', () => {
  it('is the replica itself, unless a server is named', async () => {
    const [replica, server] = await Promise.all([new MetricsServer().listen(), new FakePrometheus().listen()]);
    replica.exported = { exposition: 'tgi_queue_size 3\n' };
    const targets = [{ replicaId: 'r', endpoint: `http://${replica.address}` }];
    server.scraped(replica.address, 'tgi_queue_size 4\n', clock.nowMs());
    const env = { PLIMSOLL_PROMETHEUS_URL: server.url.href };
    const read = async (source: Awaited<ReturnType<typeof openMetricsSource>>) => {
      const [answer] = await source.read(targets, signal);
      await source.close();
      return answer?.kind === 'read' ? answer.reading.samples[0]?.value : answer;
    };
    expect(await read(await openMetricsSource({ clock, env: {} }))).toBe(3);
    expect(await read(await openMetricsSource({ clock, env }))).toBe(4);
    expect(replica.asked).toBe(1);
    const selector = { PLIMSOLL_PROMETHEUS_SELECTOR: 'zone="eu"' };
    await read(await openMetricsSource({ clock, env: { ...env, ...selector } }, { wholeSelector: true }));
    expect(server.asked.at(-1)?.query).toMatch(/zone="eu"\}/);
    expect(server.asked.at(-1)?.query).not.toContain('instance');
    await Promise.all([replica.close(), server.close()]);
  });

  it.each(['ftp://p', 'nonsense', 'http://ann:secret@p'])('%s is no address of a server', async (prometheus) => {
    await expect(openMetricsSource({ clock, env: {} }, { prometheus })).rejects.toMatchObject({
      code: 'prometheus-url-invalid',
    });
  });
});

import { describe, expect, test } from 'vitest';
import { parseExposition } from '../../../../protocols/prometheus-text/parse-exposition.ts';
import { readDcgmSeries, sumReadings } from './read-dcgm-series.ts';

/** As dcgm-exporter writes it on a node with a time-sliced board of three pods, and a board with two MIG instances. */
const exposition = `# HELP DCGM_FI_PROF_GR_ENGINE_ACTIVE Ratio of time the graphics engine is active.
# TYPE DCGM_FI_PROF_GR_ENGINE_ACTIVE gauge
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-aaa",device="nvidia0",modelName="NVIDIA A10",Hostname="n1",container="server",namespace="prod",pod="ranker-1"} 0.62
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-aaa",device="nvidia0",modelName="NVIDIA A10",Hostname="n1",container="server",namespace="prod",pod="ranker-2"} 0.62
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-aaa",device="nvidia0",modelName="NVIDIA A10",Hostname="n1",container="server",namespace="dev",pod="search-1"} 0.62
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="1",UUID="GPU-bbb",device="nvidia1",modelName="NVIDIA H100 80GB HBM3",Hostname="n1",container="",namespace="",pod=""} 0.5
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="1",UUID="GPU-bbb",device="nvidia1",modelName="NVIDIA H100 80GB HBM3",GPU_I_PROFILE="3g.40gb",GPU_I_ID="1",Hostname="n1",container="server",namespace="prod",pod="vision-1"} 0.75
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="1",UUID="GPU-bbb",device="nvidia1",modelName="NVIDIA H100 80GB HBM3",GPU_I_PROFILE="3g.40gb",GPU_I_ID="2",Hostname="n1",container="server",namespace="prod",pod="speech-1"} 0.25
# HELP DCGM_FI_DEV_FB_USED Framebuffer memory used (in MiB).
# TYPE DCGM_FI_DEV_FB_USED gauge
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-aaa",exported_namespace="prod",exported_pod="ranker-1",namespace="monitoring",pod="dcgm-exporter-x"} 1000
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-aaa",exported_namespace="prod",exported_pod="ranker-2",namespace="monitoring",pod="dcgm-exporter-x"} 1010
process_cpu_seconds_total 3
`;
const { samples } = parseExposition(exposition);
const active = 'DCGM_FI_PROF_GR_ENGINE_ACTIVE';

describe('readDcgmSeries', () => {
  const readings = readDcgmSeries(samples);

  test('copies of one measurement are one reading, with the pods that share the device', () => {
    expect(readings.filter(({ metric, uuid }) => metric === active && uuid === 'GPU-aaa')).toEqual([
      {
        metric: active,
        uuid: 'GPU-aaa',
        instance: null,
        profile: null,
        value: 0.62,
        pods: ['dev/search-1', 'prod/ranker-1', 'prod/ranker-2'],
        series: 3,
        isSumOfInstances: false,
      },
    ]);
  });

  test('MIG instances are readings of their own, and the board of them is not added', () => {
    const board = readings.filter(({ metric, uuid }) => metric === active && uuid === 'GPU-bbb');
    expect(board.map(({ instance, pods, isSumOfInstances }) => [instance, pods, isSumOfInstances])).toEqual([
      [null, [], true],
      ['1', ['prod/vision-1'], false],
      ['2', ['prod/speech-1'], false],
    ]);
  });

  test('the sum counts each measurement once: 0.62 + 0.75 + 0.25, and not 3.36', () => {
    expect(sumReadings(readings, active)).toBeCloseTo(1.62, 12);
    expect(samples.filter(({ name }) => name === active).reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(
      3.36,
      12,
    );
  });

  test('copies that disagree have no value, and so has their sum; pods are the exported ones', () => {
    const [used] = readings.filter(({ metric }) => metric === 'DCGM_FI_DEV_FB_USED');
    expect(used).toMatchObject({ value: null, series: 2, pods: ['prod/ranker-1', 'prod/ranker-2'] });
    expect(sumReadings(readings, 'DCGM_FI_DEV_FB_USED')).toBeNull();
    expect(sumReadings(readings, 'DCGM_FI_DEV_NOT_THERE')).toBeNull();
  });
});

import { expect, test } from 'vitest';
import { readPod } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { FakeClock } from '../../../../testing/fakes/fake-clock.ts';
import { containerName, filesContainerName } from '../../manifests/labels.ts';
import { StartReports } from './start-reports.ts';

const never = new AbortController().signal;
const pod = readPod(
  {
    metadata: { name: 'digits-1', uid: 'u1', creationTimestamp: '2023-11-14T22:13:15Z' },
    status: {
      conditions: [{ type: 'ContainersReady', status: 'True', lastTransitionTime: '2023-11-14T22:13:20Z' }],
      containerStatuses: [{ name: containerName, containerID: 'c1', ready: true, restartCount: 0, state: {} }],
    },
  },
  containerName,
  filesContainerName,
);
const used = { fileBytes: 5e6, diskBytes: 4e6 };
const phase = JSON.stringify({ plimsoll: 'phase', phases: ['weights-load'], startMs: 0, durationMs: 700, used });

test('output that cannot be read is asked for less and less often, and once more when it can', async () => {
  const clock = new FakeClock();
  const askedAtSeconds: number[] = [];
  let output: string | null = null;
  const reports = new StartReports(async () => {
    askedAtSeconds.push(clock.monotonicMs() / 1_000);
    if (output === null) throw new Error('the kubelet does not answer');
    return output;
  }, clock);
  const lookFor = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await reports.look([pod], never);
      await clock.advance(1_000);
    }
  };
  await lookFor(30);
  expect(askedAtSeconds).toEqual([0, 2, 6, 14]);
  expect(reports.reported(pod)).toEqual([]);
  output = phase;
  await lookFor(30);
  expect(askedAtSeconds).toEqual([0, 2, 6, 14, 30]);
  expect(reports.reported(pod)).toEqual([{ phases: ['weights-load'], startMs: 0, durationMs: 700, used }]);
});

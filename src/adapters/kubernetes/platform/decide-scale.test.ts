import { describe, expect, it } from 'vitest';
import type { PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { readPod } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { admittedCondition, annotationOf, containerName, filesContainerName } from '../manifests/labels.ts';
import { decideScale, lowestCost } from './decide-scale.ts';

type Kind = 'ready' | 'loading' | 'pulling' | 'unscheduled' | 'leaving' | 'evicted';

function pod(
  name: string,
  kind: Kind,
  more: { readonly marked?: boolean; readonly age?: number; readonly gate?: boolean } = {},
): PodObject {
  const runs = kind === 'ready' || kind === 'loading';
  return readPod(
    {
      metadata: {
        name,
        uid: name,
        creationTimestamp: new Date(1_000_000 - (more.age ?? 0) * 1_000).toISOString(),
        annotations: more.marked === true ? { [annotationOf.deletionCost]: lowestCost } : {},
        ...(kind === 'leaving' ? { deletionTimestamp: '2026-11-28T00:00:00Z' } : {}),
      },
      spec: kind === 'unscheduled' ? {} : { nodeName: 'n' },
      status: {
        phase: runs || kind === 'leaving' ? 'Running' : kind === 'evicted' ? 'Failed' : 'Pending',
        conditions: [
          { type: 'Ready', status: kind === 'ready' && more.gate !== false ? 'True' : 'False' },
          ...(more.gate === undefined ? [] : [{ type: admittedCondition, status: more.gate ? 'True' : 'False' }]),
        ],
        containerStatuses: [{ name: containerName, ready: kind === 'ready', restartCount: 0 }],
      },
    },
    containerName,
    filesContainerName,
  );
}

function decide(pods: readonly PodObject[], replicas: number, present: number, stopFirst: readonly string[] = []) {
  const { mark, unmark, ...rest } = decideScale(pods, replicas, present, stopFirst);
  return { ...rest, mark: mark.map(({ name }) => name), unmark: unmark.map(({ name }) => name) };
}

describe('scaling a Deployment', () => {
  it('up or to the same number marks nothing', () => {
    expect(decide([pod('a', 'ready')], 3, 1)).toEqual({ replicas: 3, waitsFor: null, mark: [], unmark: [] });
    expect(decide([pod('a', 'ready')], 1, 1)).toEqual({ replicas: 1, waitsFor: null, mark: [], unmark: [] });
  });

  it('down marks those that are named first, and lowers the number at once', () => {
    const pods = [pod('a', 'ready'), pod('b', 'ready'), pod('c', 'ready')];
    expect(decide(pods, 1, 3, ['c', 'a'])).toEqual({ replicas: 1, waitsFor: null, mark: ['c', 'a'], unmark: [] });
  });

  it('down takes what serves least where nothing is named, and of these the youngest', () => {
    const pods = [pod('old', 'ready', { age: 9 }), pod('young', 'ready'), pod('loading', 'loading', { age: 20 })];
    expect(decide(pods, 1, 3).mark).toEqual(['loading', 'young']);
  });

  it.each<Kind>(['loading', 'pulling', 'unscheduled'])('down keeps the number while a pod that stays is %s', (kind) => {
    const decision = decide([pod('wanted', kind), pod('a', 'ready')], 1, 2, ['a']);
    expect(decision).toMatchObject({ replicas: 2, mark: [] });
    expect(decision.waitsFor).toContain('wanted stays and is not ready yet, and would be ended before a');
  });

  it('down first closes the gates of the chosen ones where a pod that runs and is not ready stays', () => {
    const stays = pod('stays', 'loading');
    const before = decide([stays, pod('a', 'ready', { gate: true })], 1, 2, ['a']);
    expect(before).toEqual({ replicas: 2, waitsFor: null, mark: ['a'], unmark: [] });
    const marked = decide([stays, pod('a', 'ready', { gate: true, marked: true })], 1, 2, ['a']);
    expect(marked).toEqual({ replicas: 2, waitsFor: null, mark: [], unmark: [] });
    const closed = decide([stays, pod('a', 'ready', { gate: false, marked: true })], 1, 2, ['a']);
    expect(closed).toEqual({ replicas: 1, waitsFor: null, mark: [], unmark: [] });
  });

  it('down waits for a pod that does not run, whatever gates there are', () => {
    const decision = decide([pod('wanted', 'pulling'), pod('b', 'loading'), pod('a', 'ready', { gate: true })], 2, 3, [
      'a',
    ]);
    expect(decision).toMatchObject({ replicas: 3, mark: [] });
    expect(decision.waitsFor).toContain('wanted stays');
  });

  it('down ends a loading pod at once when it is itself the chosen one', () => {
    expect(decide([pod('wanted', 'loading'), pod('a', 'ready')], 1, 2, ['wanted'])).toMatchObject({
      replicas: 1,
      mark: ['wanted'],
    });
  });

  it('to nothing waits for nobody', () => {
    expect(decide([pod('wanted', 'loading'), pod('a', 'ready')], 0, 2, ['a'])).toMatchObject({
      replicas: 0,
      waitsFor: null,
    });
  });

  it('leaves marks until the marked pods are gone, also when the number is lowered already', () => {
    const pods = [pod('a', 'ready', { marked: true }), pod('b', 'ready')];
    expect(decide(pods, 1, 1, ['a'])).toEqual({ replicas: 1, waitsFor: null, mark: [], unmark: [] });
  });

  it('takes a mark away from a pod that stays', () => {
    const pods = [pod('a', 'ready', { marked: true }), pod('b', 'ready')];
    expect(decide(pods, 2, 2)).toEqual({ replicas: 2, waitsFor: null, mark: [], unmark: ['a'] });
    expect(decide(pods, 1, 2, ['b'])).toMatchObject({ mark: ['b'], unmark: ['a'] });
  });

  it('counts no pod that is leaving or over', () => {
    const pods = [pod('a', 'ready'), pod('b', 'leaving'), pod('c', 'evicted')];
    expect(decide(pods, 1, 3)).toMatchObject({ replicas: 1, mark: [] });
  });
});

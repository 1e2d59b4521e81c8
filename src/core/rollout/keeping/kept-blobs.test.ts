import { describe, expect, it } from 'vitest';
import { aDeployment, aRelease } from '../../../testing/builders/rollout-builders.ts';
import { aModel, someData } from '../../../testing/builders/store-builders.ts';
import { digestOf, type Digest } from '../../units/digest.ts';
import type { Bar, Release } from '../release.ts';
import { listKeptBlobs, listKeptBundles, type NamingRecords, type ServiceRecords } from './kept-blobs.ts';

const nothing: NamingRecords = { services: [], asks: [], models: [], data: [], predictions: [], lock: [] };
const file = (name: string) => ({ path: name, digest: digestOf(`blob of ${name}`), bytes: 1 });
const withCode = (release: Release, name: string): Release => ({
  ...release,
  code: { ...release.code, files: [file(name)] },
});
const bar = (axis: Bar['axis'], release: Release): Bar => ({
  ...{ service: release.service, environment: release.environment, axis, digest: release[axis].digest },
  ...{ reason: 'bad', by: 'ada', atMs: 0 },
});
const one = withCode(aRelease(1, { codeName: 'c1' }), 'c1.py');
const two = withCode(aRelease(2, { codeName: 'c2' }), 'c2.py');
const service = (over: Partial<ServiceRecords>): ServiceRecords => ({
  releases: [one, two],
  outcomes: new Map([
    [1, 'was-live'],
    [2, 'was-live'],
  ]),
  deployment: aDeployment({ live: 2 }),
  bars: [],
  renewed: new Map(),
  ...over,
});
const kept = (over: Partial<ServiceRecords>) =>
  new Set(listKeptBlobs({ ...nothing, services: [service(over)] }, new Map()).keys());
const blobsOf = (release: Release, ...axes: readonly ('code' | 'model')[]): readonly Digest[] => [
  ...(axes.includes('code') ? release.code.files : []).map(({ digest }) => digest),
  ...(axes.includes('model') ? [...release.model.files.map(({ digest }) => digest), release.golden!.blob] : []),
];

describe('of the releases of a service', () => {
  it('what is live and every target of a rollback keeps all of its blobs', () => {
    expect(kept({})).toEqual(new Set([...blobsOf(one, 'code', 'model'), ...blobsOf(two, 'code', 'model')]));
  });

  it('what was barred keeps only its other axis, and all of it while it still runs', () => {
    const live = blobsOf(two, 'code', 'model');
    expect(kept({ bars: [bar('model', one)] })).toEqual(new Set([...blobsOf(one, 'code'), ...live]));
    expect(kept({ bars: [bar('code', one), bar('model', one)] })).toEqual(new Set(live));
    expect(kept({ bars: [bar('code', two), bar('model', two)] })).toEqual(
      new Set([...blobsOf(one, 'code', 'model'), ...live]),
    );
    const previous = { release: 1, untilMs: 9 };
    const warm = { bars: [bar('model', one)], deployment: aDeployment({ live: 2, previous }) };
    expect(kept(warm)).toEqual(new Set([...blobsOf(one, 'code', 'model'), ...live]));
  });

  it('what failed or was superseded keeps nothing, and what is undecided or comes in keeps all', () => {
    const was = (outcome: 'failed' | 'superseded') => new Map([[1, 'was-live'] as const, [2, outcome] as const]);
    const live = aDeployment({ live: 1 });
    for (const outcome of ['failed', 'superseded'] as const) {
      expect(kept({ outcomes: was(outcome), deployment: live })).toEqual(new Set(blobsOf(one, 'code', 'model')));
    }
    const both = new Set([...blobsOf(one, 'code', 'model'), ...blobsOf(two, 'code', 'model')]);
    expect(kept({ outcomes: new Map([[1, 'was-live']]), deployment: live })).toEqual(both);
    expect(kept({ outcomes: was('failed'), deployment: aDeployment({ live: 1, incoming: 2 }) })).toEqual(both);
  });

  it('what a drill left keeps all, barred or not: it is to come back', () => {
    const cause = { kind: 'rollback', axis: 'model', from: 2, to: 1, reason: 'drill', drill: true } as const;
    const away = aRelease(3, { modelVersion: 1, codeName: 'c2', cause });
    const records = { releases: [one, two, away], deployment: aDeployment({ live: 3 }), bars: [bar('model', two)] };
    expect(blobsOf(two, 'code', 'model').filter((digest) => !kept(records).has(digest))).toEqual([]);
  });

  it('its bundles are kept, with the model of the one that its model came from', () => {
    const bundles = {
      ...{ contract: digestOf('contract'), code: digestOf('code') },
      ...{ model: digestOf('model'), evidence: digestOf('evidence') },
    };
    const records = (bars: readonly Bar[]) => ({
      ...nothing,
      services: [service({ releases: [{ ...one, bundles }, two], renewed: new Map([[1, digestOf('renewed')]]), bars })],
    });
    const kept = (bars: readonly Bar[]) =>
      listKeptBundles(records(bars)).map(({ digest, withModel }) => `${digest}${withModel ? ' with its model' : ''}`);
    const inside = ['contract', 'code', 'evidence', 'renewed'].map((name) => digestOf(name));
    expect(kept([])).toEqual([...inside, `${digestOf('model')} with its model`]);
    expect(kept([bar('model', one)])).toEqual([...inside, digestOf('model')]);
    expect(kept([bar('model', one), bar('code', one)])).toEqual([]);
  });
});

it('keeps what an open request names: the bundle, what is in it, and its model', () => {
  const names = new Map([[digestOf('bundle'), { inside: [digestOf('inside')], model: [digestOf('weights')] }]]);
  expect([...listKeptBlobs({ ...nothing, asks: [{ bundle: digestOf('bundle') }] }, names)]).toEqual(
    ['bundle', 'inside', 'weights'].map((name) => [digestOf(name), 'requests']),
  );
});

it('keeps versions that are aliased, released, pinned, in a kept bundle, or the newest, and no others', () => {
  const version = (number: number) => ({
    ...aModel(digestOf(`version ${number}`)),
    version: number,
    files: [file(`weights ${number}`)],
  });
  const versions = [1, 2, 3, 4, 5, 6].map(version);
  const failed = aRelease(2, { model: { ...one.model, digest: digestOf('version 2') } });
  const records: NamingRecords = {
    ...nothing,
    models: [{ versions, aliases: { live: 1 } }],
    services: [service({ releases: [failed], outcomes: new Map([[2, 'failed']]), deployment: null })],
    asks: [{ bundle: digestOf('bundle') }],
    lock: [digestOf('version 3')],
  };
  const names = new Map([[digestOf('bundle'), { inside: [], model: [digestOf('version 4')] }]]);
  const kept = listKeptBlobs(records, names);
  expect(versions.filter(({ files }) => kept.has(files[0]!.digest)).map(({ version }) => version)).toEqual([
    1, 2, 3, 4, 6,
  ]);
});

it('keeps every data version with its profile, every prediction, and what the lock names', () => {
  const data = [{ ...someData(), version: 1 }];
  const predictions = [
    { predictions: digestOf('p'), golden: digestOf('g') },
    { predictions: digestOf('q'), golden: null },
  ];
  const kept = listKeptBlobs({ ...nothing, data, predictions, lock: [digestOf('pinned')] }, new Map());
  expect([...kept]).toEqual([
    [digestOf('file'), 'data'],
    [digestOf('profile'), 'data'],
    [digestOf('p'), 'predictions'],
    [digestOf('g'), 'predictions'],
    [digestOf('q'), 'predictions'],
    [digestOf('pinned'), 'lock'],
  ]);
});

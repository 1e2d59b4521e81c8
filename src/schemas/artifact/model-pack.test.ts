import { describe, expect, it } from 'vitest';
import { digestOf } from '../../core/units/digest.ts';
import { readIndex, unpackModel } from './model-pack.ts';

const layer = (mediaType: string, annotations: Readonly<Record<string, string>> | null) => ({
  mediaType,
  digest: digestOf(mediaType),
  size: 7,
  annotations,
});
const config = (mediaType: string) => ({ mediaType, digest: digestOf('config'), size: 2 });

describe('a ModelPack artifact', () => {
  /** As modctl wrote it before the specification moved to the CNCF's namespace in 2025. */
  const older = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/vnd.cnai.model.manifest.v1+json',
    config: config('application/vnd.cnai.model.config.v1+json'),
    layers: [
      layer('application/vnd.cnai.model.weight.v1.raw', { 'org.cnai.model.filepath': 'model.safetensors' }),
      layer('application/vnd.cnai.model.weight.config.v1.raw', { 'org.cnai.model.filepath': 'config/config.json' }),
    ],
  };

  it('is read in the older namespace, by path', () => {
    const { files, annotations } = unpackModel(older, 'oci://r/m:1');
    expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['config/config.json', 7],
      ['model.safetensors', 7],
    ]);
    expect(annotations).toEqual({});
  });

  it('is read by the type of its configuration where the manifest tells no artifact type, and by titles', () => {
    const { artifactType: _, ...rest } = older;
    const layers = [layer('application/vnd.cnai.model.weight.v1.raw', { 'org.opencontainers.image.title': 'm.gguf' })];
    expect(unpackModel({ ...rest, layers }, 'oci://r/m:1').files[0]?.path).toBe('m.gguf');
  });

  it.each([
    ['an image', { ...older, artifactType: undefined, config: config('application/vnd.oci.image.config.v1+json') }],
    ['no manifest', { hello: 'world' }],
    [
      'layers that are archives',
      { ...older, layers: [layer('application/vnd.cnai.model.weight.v1.tar', { 'org.cnai.model.filepath': 'w' })] },
    ],
    [
      'compressed archives',
      {
        ...older,
        layers: [layer('application/vnd.cncf.model.weight.v1.tar+gzip', { 'org.cncf.model.filepath': 'w' })],
      },
    ],
    ['two layers with one path', { ...older, layers: [older.layers[0], older.layers[0]] }],
    ['layers without a path', { ...older, layers: [layer('application/vnd.cnai.model.weight.v1.raw', null)] }],
  ])('is not made of %s', (_what, json) => {
    expect(() => unpackModel(json, 'oci://r/m:1')).toThrow(expect.objectContaining({ code: 'remote-answer' }));
  });

  it.each(['../up', '/etc/passwd', 'a//b', 'a\\b', ''])('names no file %j', (path) => {
    const layers = [layer('application/vnd.cnai.model.weight.v1.raw', { 'org.cnai.model.filepath': path })];
    expect(() => unpackModel({ ...older, layers }, 'oci://r/m:1')).toThrow(
      expect.objectContaining({ code: 'remote-path-unsafe' }),
    );
  });
});

it('a list of referrers that is none is no empty list', () => {
  expect(() => readIndex({}, 'oci://r/m')).toThrow(expect.objectContaining({ code: 'remote-answer' }));
});

import { describe, expect, it } from 'vitest';
import { buildLayer } from '../../testing/builders/files/layer-builder.ts';
import type { LayerFacts, OverlaidLayer } from './image-layer.ts';
import { foldersOfLoaderFile, isLoaderFile, loaderFoldersOf } from './loader-folders.ts';

/** A layer that was looked through. */
const layer = (changes: Partial<LayerFacts> = {}, files: readonly string[] = []): OverlaidLayer =>
  buildLayer({ loaderFiles: [], ...changes }, files);
const conf = (name: string, ...folders: readonly string[]) => ({ path: `etc/ld.so.conf.d/${name}`, folders });

describe('the files that tell the loader where to look', () => {
  it('are known by their place', () => {
    expect(['etc/ld.so.conf', 'etc/ld.so.conf.d/cuda.conf'].map(isLoaderFile)).toEqual([true, true]);
    expect(['etc/ld.so.conf.d/README', 'usr/etc/ld.so.conf', 'etc/ld.so.conf.d/a/b.conf'].map(isLoaderFile)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('name a folder on each line', () => {
    expect(foldersOfLoaderFile('# CUDA\n/usr/local/cuda/compat # first\n\ninclude /etc/x\n/lib\n')).toEqual([
      '/usr/local/cuda/compat',
      '/lib',
    ]);
  });

  it('count in the order of their names, over all layers', () => {
    const layers = [layer({ loaderFiles: [conf('b.conf', '/b')] }), layer({ loaderFiles: [conf('a.conf', '/a')] })];
    expect(loaderFoldersOf(layers)).toEqual(['/a', '/b']);
  });

  it('do not count once a layer above deletes or replaces them', () => {
    const below = layer({ loaderFiles: [conf('a.conf', '/a')] });
    expect(loaderFoldersOf([below, layer({ whiteouts: ['etc/ld.so.conf.d/a.conf'] })])).toEqual([]);
    expect(loaderFoldersOf([below, layer({ opaque: ['etc/ld.so.conf.d'] })])).toEqual([]);
    const replaced = layer({ loaderFiles: [conf('a.conf', '/c')] }, ['etc/ld.so.conf.d/a.conf']);
    expect(loaderFoldersOf([below, replaced])).toEqual(['/c']);
  });

  it('are not known where a layer was not looked through, or one of them is a link', () => {
    const { loaderFiles: _none, ...older } = layer().facts;
    expect(loaderFoldersOf([{ ...layer(), facts: older }])).toBeUndefined();
    const linked = layer({ symlinks: [{ path: 'etc/ld.so.conf.d/a.conf', target: '/etc/alternatives/a' }] });
    expect(loaderFoldersOf([linked])).toBeUndefined();
  });
});

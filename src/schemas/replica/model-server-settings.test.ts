import { describe, expect, test } from 'vitest';
import { readModelServerSettings, type SettingsSources } from './model-server-settings.ts';

const read = (sources: Partial<SettingsSources>) =>
  readModelServerSettings({ flags: { model: 'm=a.onnx' }, env: {}, file: null, cores: 4, ...sources });
const file = (text: string) => ({ path: 'server.yaml', text });

describe('where a setting comes from', () => {
  test('defaults', () => {
    expect(read({})).toMatchObject({
      model: { name: 'm', path: 'a.onnx', version: null },
      host: '127.0.0.1',
      port: 9000,
      threads: 3,
      maxBodyBytes: 32 * 1024 * 1024,
    });
  });

  test('flag before variable before file', () => {
    const given = { env: { PLIMSOLL_PORT: '2' }, file: file('port: 3\nmaxBatch: 5\n') };
    expect(read(given)).toMatchObject({ port: 2, maxBatchRows: 5 });
    expect(read({ ...given, flags: { model: 'm=a.onnx', port: '1' } })).toMatchObject({ port: 1, maxBatchRows: 5 });
  });

  test('a platform names the model by variables', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const env = {
      PLIMSOLL_MODEL_NAME: 'digits',
      PLIMSOLL_MODEL_DIR: '/models',
      PLIMSOLL_MODEL_VERSION: '7',
      PLIMSOLL_MODEL_FILES: JSON.stringify({ 'model.onnx': digest }),
      PLIMSOLL_HOST: '::1',
    };
    expect(read({ flags: {}, env })).toMatchObject({
      model: { name: 'digits', path: '/models', version: 7 },
      pinnedFiles: { 'model.onnx': digest },
      host: '::1',
    });
  });

  test('durations and sizes are text with a unit, or bare milliseconds and bytes', () => {
    expect(read({ flags: { model: 'm=a', maxDelay: '5', drainTimeout: '2s', maxBody: '1MiB' } })).toMatchObject({
      maxDelayMs: 5,
      drainTimeoutMs: 2000,
      maxBodyBytes: 2 ** 20,
    });
    expect(read({ file: file('deadline: 250ms\nmaxBody: 1000\n') })).toMatchObject({
      deadlineMs: 250,
      maxBodyBytes: 1000,
    });
  });

  test('a path may hold an equals sign', () => {
    expect(read({ flags: { model: 'm=dir/a=b.onnx' } }).model.path).toBe('dir/a=b.onnx');
  });
});

describe('what is wrong is named, with where and what next', () => {
  test.each([
    ['no model', { flags: {} }, /no model to serve/],
    ['no name', { flags: { model: 'a.onnx' } }, /expected NAME=PATH/],
    [
      'misspelt flag',
      { flags: { model: 'm=a', maxBath: '1' } },
      /command line: unknown key `maxBath`; did you mean `maxBatch`/,
    ],
    ['misspelt key', { file: file('threds: 2') }, /server.yaml: unknown key `threds`; did you mean `threads`/],
    ['a word for a number', { flags: { model: 'm=a', port: 'x' } }, /command line: port/],
    ['a wrong unit', { file: file('deadline: 5 parsecs') }, /server.yaml: deadline: `5 parsecs` cannot be read/],
    ['version zero', { flags: { model: 'm=a', version: '0' } }, /whole number from 1/],
    ['broken YAML', { file: file('a: [') }, /server.yaml is not YAML/],
    ['a list', { file: file('- 1') }, /must hold keys and values/],
    [
      'broken digests',
      { flags: {}, env: { PLIMSOLL_MODEL_NAME: 'm', PLIMSOLL_MODEL_DIR: 'd', PLIMSOLL_MODEL_FILES: '{"a":"b"}' } },
      /JSON of file name to digest/,
    ],
  ] as [string, Partial<SettingsSources>, RegExp][])('%s', (_, sources, message) => {
    expect(() => read(sources)).toThrow(
      expect.objectContaining({ code: 'settings-invalid', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});

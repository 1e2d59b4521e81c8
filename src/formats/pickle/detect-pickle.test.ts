import { describe, expect, it } from 'vitest';
import { sourceOf } from '../byte-source.ts';
import { detectPickle, detectPickleHead, hasPickleName } from './detect-pickle.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0));
/** A zip of one empty stored file. */
function zipOf(name: string): Uint8Array {
  const local = Buffer.alloc(30 + name.length);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  local.write(name, 30, 'latin1');
  const central = Buffer.alloc(46 + name.length);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(name.length, 28);
  central.write(name, 46, 'latin1');
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

describe('detectPickle', () => {
  it.each([
    ['protocol 4 of an empty dict', '\x80\x04}\x94.'],
    ['protocol 4 in a frame', '\x80\x04\x95\x05\0\0\0\0\0\0\0\x8c\x01a\x94.'],
    ['protocol 2 of a list', '\x80\x02]q\0.'],
    ['protocol 3 of a global', '\x80\x03cos\nsystem\nq\0.'],
    ['protocol 0 of a dict', '(dp0\n.'],
    ['protocol 0 of a global', 'cos\nsystem\n(S"id"\ntR.'],
    ['torch.save of old', '\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.weights follow'],
    ['NumPy of objects', "\x93NUMPY\x01\0v\0{'descr': '|O', 'fortran_order': False, }"],
  ])('sees %s', async (_what, text) => {
    expect(await detectPickle(sourceOf(bytes(text)))).toMatch(/pickle/);
  });
  it.each([
    ['nothing', ''],
    ['one byte', '\x80'],
    ['ONNX', '\x08\x08\x12\x07pytorch'],
    ['safetensors whose header is 640 bytes long', '\x80\x02\0\0\0\0\0\0{"a":1}.'],
    ['GGUF', 'GGUF\x03\0\0\0'],
    ['weights that begin like protocol 4 and go on otherwise', '\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffabc'],
    ['prose', 'cats are nice.'],
    ['NumPy of floats', "\x93NUMPY\x01\0v\0{'descr': '<f4', 'fortran_order': False, }"],
  ])('takes %s for none', async (_what, text) => {
    expect(await detectPickle(sourceOf(bytes(text)))).toBeNull();
  });
  it('looks into the directory of a zip, whatever the zip is called', async () => {
    expect(await detectPickle(sourceOf(zipOf('archive/data.pkl')))).toMatch(/archive\/data\.pkl/);
    expect(await detectPickle(sourceOf(zipOf('config.json')))).toBeNull();
    expect(await detectPickle(sourceOf(zipOf('archive/data.pkl').subarray(0, 40)))).toBeNull();
  });
  it('sees the head of one that was compressed', () => {
    expect(detectPickleHead(bytes('\x80\x03]'))).toMatch(/protocol 3/);
    expect(detectPickleHead(bytes('{"json": 1}'))).toBeNull();
  });
  it('knows the names', () => {
    expect(['model.pkl', 'a.PT', 'x.pth', 'm.joblib', 'm.pkl.gz'].every(hasPickleName)).toBe(true);
    expect(['model.onnx', 'script.ptx', 'pickled.md'].some(hasPickleName)).toBe(false);
  });
});

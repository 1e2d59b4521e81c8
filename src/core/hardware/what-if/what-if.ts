import { PlimsollError } from '../../units/errors.ts';
import { nearest } from '../../units/nearest.ts';
import { readBytes } from '../../units/quantity/quantity-bytes.ts';
import { readVersion } from '../../units/version.ts';
import { gpuOf, gpus, type Gpu } from '../tables/gpus.ts';
import { memoryOfProduct } from '../tables/product-memory.ts';

/** Facts as they might be; whatever is not named stays as it is. */
export interface WhatIf {
  readonly driver?: string;
  /** CUDA that the driver speaks. */
  readonly cuda?: string;
  readonly product?: WhatIfProduct;
  /** Devices on each node. */
  readonly count?: number;
  /** Profiles of one board, as often as they are named; empty turns MIG off; `fill` takes one as often as it fits. */
  readonly mig?: { readonly profiles: readonly string[]; readonly fill: boolean };
  /** Reference of another image. */
  readonly image?: string;
}

export interface WhatIfProduct {
  /** As it was named. */
  readonly name: string;
  readonly gpu: Gpu;
  /** Of one board; null where the product comes in several sizes and none was named. */
  readonly memoryBytes: number | null;
}

const keys = ['driver', 'cuda', 'product', 'memory', 'count', 'mig', 'image'] as const;
type Key = (typeof keys)[number];

/**
 * `driver=595.45.04,cuda=13.2`, `product=H200,count=8`: keys with values, separated by commas, in one text or several.
 * @throws PlimsollError `what-if-invalid` (input).
 */
export function readWhatIf(texts: readonly string[]): WhatIf {
  const given = new Map<Key, string>();
  for (const part of texts.flatMap((text) => text.split(','))) {
    const at = part.indexOf('=');
    const [key, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (at < 1 || value === '') throw invalid(`\`${part.trim()}\` is not a key with a value`);
    if (!isKey(key)) throw unknownKey(key);
    if (given.has(key)) throw invalid(`\`${key}\` is changed twice`);
    given.set(key, value);
  }
  if (given.has('memory') && !given.has('product')) throw invalid('`memory` is that of a `product`, and none is named');
  return {
    ...(given.has('driver') ? { driver: versionOf('driver', given.get('driver') ?? '') } : {}),
    ...(given.has('cuda') ? { cuda: versionOf('cuda', given.get('cuda') ?? '') } : {}),
    ...(given.has('product') ? { product: productOf(given.get('product') ?? '', given.get('memory')) } : {}),
    ...(given.has('count') ? { count: countOf(given.get('count') ?? '') } : {}),
    ...(given.has('mig') ? { mig: migOf(given.get('mig') ?? '') } : {}),
    ...(given.has('image') ? { image: given.get('image') ?? '' } : {}),
  };
}

const isKey = (key: string): key is Key => (keys as readonly string[]).includes(key);

function versionOf(key: Key, text: string): string {
  if (readVersion(text) !== null && /^\d+(\.\d+)+$/.test(text)) return text;
  throw invalid(`\`${key}=${text}\` is not a version such as ${key === 'driver' ? '595.45.04' : '13.2'}`);
}

function countOf(text: string): number {
  if (/^[1-9]\d?$/.test(text) && Number(text) <= 64) return Number(text);
  throw invalid(`\`count=${text}\` is not a number of devices from 1 to 64`);
}

function productOf(name: string, memory: string | undefined): WhatIfProduct {
  const gpu = gpus.find((one) => one.name.toLowerCase() === name.toLowerCase()) ?? gpuOf(name);
  if (gpu === null) {
    const names = gpus.map((one) => one.name);
    const meant = nearest(name, names);
    throw invalid(
      `\`product=${name}\` is in no table of GPUs${meant === null ? '' : `; did you mean \`${meant}\`?`}`,
      `name one of ${names.join(', ')}`,
    );
  }
  if (memory !== undefined) {
    const bytes = readBytes(memory);
    if (!bytes.ok) throw invalid(`\`memory=${memory}\` is not ${bytes.expected}`);
    return { name, gpu, memoryBytes: bytes.value };
  }
  return { name, gpu, memoryBytes: memoryOfProduct(gpu, name) };
}

/** `off`; `1g.10gb` as often as it fits; `3g.40gb+2g.20gb`, or `1g.10gb*3`, as named. */
function migOf(text: string): NonNullable<WhatIf['mig']> {
  if (text === 'off') return { profiles: [], fill: false };
  const named = text.split('+').reduce<string[]>((parts, part) => {
    // `1g.10gb+me` is one profile with a media engine, not two.
    if (/^(me|gfx|me\.all)$/.test(part) && parts.length > 0) parts.push(`${parts.pop() ?? ''}+${part}`);
    else parts.push(part);
    return parts;
  }, []);
  const profiles = named.flatMap((part) => {
    const match = /^(\d+g\.\d+gb(?:[+-][a-z.]+)?)(?:\*([1-7]))?$/.exec(part);
    if (match === null)
      throw invalid(`\`mig=${text}\` is neither \`off\` nor profiles such as \`1g.10gb\` or \`3g.40gb*2\``);
    return Array.from({ length: Number(match[2] ?? 1) }, () => match[1] ?? '');
  });
  return { profiles, fill: named.length === 1 && profiles.length === 1 && !text.includes('*') };
}

function unknownKey(key: string): PlimsollError {
  const meant = nearest(key, keys);
  return invalid(`--what-if knows no \`${key}\`${meant === null ? '' : `; did you mean \`${meant}\`?`}`);
}

function invalid(message: string, next = `write KEY=VALUE with one of ${keys.join(', ')}; plimsoll verify --help`) {
  return new PlimsollError({ code: 'what-if-invalid', category: 'input', message, next });
}

import type { PlimsollError } from '../../../units/errors.ts';
import { nearest } from '../../../units/nearest.ts';
import type { Arrivals } from '../world.ts';
import { specKinds, type SpecKind } from './spec-kinds.ts';
import { invalidSpec, SpecFields, type SpecField } from './spec-fields.ts';
import { sumOf } from './sum-of.ts';
import { spanAtMostMs } from './trace-store.ts';

/** Arrivals that were written as text, and for how long they come. */
export interface WrittenArrivals {
  readonly arrivals: Arrivals;
  readonly forMs: number;
}

const textAtMost = 4_096;
const partsAtMost = 16;
/** What one part draws at most, requests and changes of state: a mistyped rate is told before it takes a day. */
const drawnAtMost = 1e9;

/**
 * `KIND:KEY=VALUE,...`, several joined by ` + `: `diurnal:rate=20/s,amplitude=80%,for=2d + flash:rate=1/s,factor=50,at=6h,...`.
 *
 * | kind | keys beside `for`, `seed`, `work`, `mix` |
 * |---|---|
 * | poisson, constant | `rate` |
 * | diurnal | `rate` (its mean), `amplitude`, `period` (24h), `peak` (half the period) |
 * | bursts | states by any name: `calm=5/s*10m,burst=50/s*30s`, a rate and the mean time that it lasts |
 * | flash | `rate`, `factor`, `at`, `lasting`, `ramp` (0s) |
 * | silence | `rate`, and `on` and `off`, the mean times with and without requests |
 *
 * `for` is how long they come; `seed` by default 1 for the first part, 2 for the second, so that two parts are never alike;
 * `work` is what a request takes: `200ms`, `exp(200ms)`, `lognormal(200ms)`, `lognormal(200ms,2)` with the standard deviation over
 * the mean, or plain numbers for the factors of a batch. By default `defaultWorkMs`, always the same. `mix` moves it over time:
 * `(30m*2,1h*0.5)` doubles the work of each request from 30 minutes on and halves it from an hour on.
 * @throws PlimsollError `arrivals-text-invalid` (input): what is wrong, at which character, and the nearest key.
 */
export function readArrivals(text: string, defaultWorkMs: number): WrittenArrivals {
  if (text.length > textAtMost) throw invalidSpec(text, 0, `longer than ${textAtMost} characters`);
  const parts = splitOutside(text, '+');
  if (parts.length > partsAtMost) throw invalidSpec(text, 0, `more than ${partsAtMost} parts`);
  const read = parts.map(({ text: part, at }, index) => readPart(text, part, at, { seed: index + 1, defaultWorkMs }));
  const [first] = read;
  if (read.length === 1 && first !== undefined) return first;
  return {
    arrivals: sumOf(read.map(({ arrivals }) => arrivals)),
    forMs: Math.max(...read.map(({ forMs }) => forMs)),
  };
}

function readPart(
  whole: string,
  part: string,
  at: number,
  defaults: { readonly seed: number; readonly defaultWorkMs: number },
): WrittenArrivals {
  const colon = part.indexOf(':');
  const name = (colon === -1 ? part : part.slice(0, colon)).trim();
  const kind: SpecKind | undefined = Object.hasOwn(specKinds, name) ? specKinds[name] : undefined;
  const nameAt = at + part.length - part.trimStart().length;
  if (kind === undefined) throw unknownKind(whole, nameAt, name);
  const written = colon === -1 ? '' : part.slice(colon + 1);
  const fields = splitOutside(written, ',')
    .filter((piece) => piece.text.trim() !== '')
    .map((piece) => readField(whole, piece.text, at + colon + 1 + piece.at));
  const reader = new SpecFields(whole, { name, at: nameAt, ...kind }, fields);
  const generated = reader.generated(defaults.seed, defaults.defaultWorkMs);
  const { arrivals, drawnPerSecond } = kind.make(reader, generated);
  reader.refuseUnknown();
  if (drawnPerSecond * (generated.forMs / 1_000) > drawnAtMost) {
    throw invalidSpec(whole, nameAt, `more than ${drawnAtMost} requests`, 'lower the rate, or `for`');
  }
  if (generated.forMs > spanAtMostMs) {
    const most = Math.round(spanAtMostMs / 86_400_000);
    throw invalidSpec(whole, nameAt, `arrivals for more than ${most} days`, 'give a shorter `for`');
  }
  return { arrivals, forMs: generated.forMs };
}

function readField(whole: string, text: string, at: number): SpecField {
  const equals = text.indexOf('=');
  const keyAt = at + text.length - text.trimStart().length;
  if (equals === -1)
    throw invalidSpec(whole, keyAt, `\`${text.trim()}\` has no value`, 'write KEY=VALUE, as `rate=20/s`');
  const value = text.slice(equals + 1);
  return {
    key: text.slice(0, equals).trim(),
    keyAt,
    value: value.trim(),
    valueAt: at + equals + 1 + value.length - value.trimStart().length,
  };
}

function unknownKind(whole: string, at: number, name: string): PlimsollError {
  const names = Object.keys(specKinds);
  const meant = nearest(name, names);
  const hint = meant === null ? '' : `did you mean \`${meant}\`? `;
  return invalidSpec(whole, at, `no kind of arrivals is named \`${name}\``, `${hint}kinds are ${names.join(', ')}`);
}

/** Pieces between the separators that stand outside of parentheses, with where each begins. */
function splitOutside(text: string, separator: string): readonly { readonly text: string; readonly at: number }[] {
  const pieces: { text: string; at: number }[] = [];
  let [depth, from] = [0, 0];
  for (let index = 0; index <= text.length; index += 1) {
    const character = text[index];
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (index < text.length && (character !== separator || depth > 0)) continue;
    pieces.push({ text: text.slice(from, index), at: from });
    from = index + 1;
  }
  return pieces;
}

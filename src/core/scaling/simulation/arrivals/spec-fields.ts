import { PlimsollError } from '../../../units/errors.ts';
import { nearest } from '../../../units/nearest.ts';
import { readDuration } from '../../../units/quantity/quantity-duration.ts';
import { readFrequency } from '../../../units/quantity/quantity-frequency.ts';
import { readPercent } from '../../../units/quantity/quantity-percent.ts';
import { unreadable, type Quantity } from '../../../units/quantity/quantity.ts';
import type { GeneratedArrivals } from './generated.ts';
import { readMixShifts } from './mix-shift.ts';
import { readRequestSize } from './read-request-size.ts';

export interface SpecField {
  readonly key: string;
  readonly keyAt: number;
  readonly value: string;
  readonly valueAt: number;
}

const everyKind = ['for', 'seed', 'work', 'mix'];

/** The fields of one part of a text of arrivals; each is read once, and what nobody read is an error. */
export class SpecFields {
  readonly #whole: string;
  readonly #kind: { readonly name: string; readonly at: number; readonly keys: readonly string[] };
  readonly #left: Map<string, SpecField>;

  constructor(
    whole: string,
    kind: { readonly name: string; readonly at: number; readonly keys: readonly string[] },
    fields: readonly SpecField[],
  ) {
    this.#whole = whole;
    this.#kind = kind;
    this.#left = new Map();
    for (const field of fields) {
      if (this.#left.has(field.key)) throw invalidSpec(whole, field.keyAt, `\`${field.key}\` is written twice`);
      this.#left.set(field.key, field);
    }
  }

  generated(defaultSeed: number, defaultWorkMs: number): GeneratedArrivals {
    return {
      forMs: this.durationMs('for'),
      seed: this.#read('seed', readSeed, defaultSeed),
      size: this.#read('work', readRequestSize, { kind: 'constant', mean: defaultWorkMs }),
      mix: this.#read('mix', readMixShifts, []),
    };
  }

  /** Above 0, per second. */
  rate(key: string): number {
    return this.#read(key, (text) => above0(readFrequency(text), 'a rate above 0'));
  }

  /** Above 0, or also 0. */
  durationMs(
    key: string,
    { fallbackMs, zero = false }: { readonly fallbackMs?: number; readonly zero?: boolean } = {},
  ): number {
    const read = (text: string): Quantity<number> => {
      return zero ? readDuration(text) : above0(readDuration(text), 'a duration above 0');
    };
    return this.#read(key, read, fallbackMs);
  }

  share(key: string): number {
    return this.#read(key, readPercent);
  }

  /** A number above 0, such as a factor. */
  number(key: string): number {
    return this.#read(key, (text) => above0(readNumber(text), 'a number above 0'));
  }

  /** What no key of its own has read. */
  rest<T>(read: (text: string) => Quantity<T>): readonly { readonly name: string; readonly value: T }[] {
    return [...this.#left.keys()].map((name) => ({ name, value: this.#read(name, read) }));
  }

  refuseUnknown(): void {
    for (const { key, keyAt } of this.#left.values()) {
      throw invalidSpec(this.#whole, keyAt, `${this.#kind.name} has no key \`${key}\``, this.#didYouMean(key));
    }
  }

  /** Why this part makes no sense although each of its fields does. */
  wrong(what: string, next: string): PlimsollError {
    return invalidSpec(this.#whole, this.#kind.at, what, next);
  }

  #read<T>(key: string, read: (text: string) => Quantity<T>, fallback?: T): T {
    const field = this.#left.get(key);
    if (field === undefined) {
      if (fallback !== undefined) return fallback;
      // A key that is mistyped is missing as well: the typing error is what helps.
      const unknown = [...this.#left.values()].find((each) => !this.#keys().includes(each.key));
      if (unknown !== undefined && nearest(unknown.key, this.#keys()) === key) {
        const what = `${this.#kind.name} has no key \`${unknown.key}\``;
        throw invalidSpec(this.#whole, unknown.keyAt, what, this.#didYouMean(unknown.key));
      }
      throw invalidSpec(
        this.#whole,
        this.#kind.at,
        `${this.#kind.name} needs \`${key}\``,
        `keys are ${this.#keys().join(', ')}`,
      );
    }
    this.#left.delete(key);
    const value = read(field.value);
    if (value.ok) return value.value;
    const meant = this.#keys().includes(key) ? null : nearest(key, this.#keys());
    throw invalidSpec(
      this.#whole,
      field.valueAt,
      `\`${key}\` is ${value.expected}, and there is \`${field.value}\``,
      value.hint ?? (meant === null ? undefined : `did you mean the key \`${meant}\`?`),
    );
  }

  #keys(): readonly string[] {
    return [...this.#kind.keys, ...everyKind];
  }

  #didYouMean(key: string): string {
    const meant = nearest(key, this.#keys());
    return `${meant === null ? '' : `did you mean \`${meant}\`? `}keys are ${this.#keys().join(', ')}`;
  }
}

/** @param at index of the character that it is about, from 0. */
export function invalidSpec(whole: string, at: number, what: string, next?: string): PlimsollError {
  const shown = whole.length > 200 ? `${whole.slice(0, 200)}...` : whole;
  return new PlimsollError({
    code: 'arrivals-text-invalid',
    category: 'input',
    message: `arrivals \`${shown}\`, character ${at + 1}: ${what}`,
    next: next ?? 'write it as `poisson:rate=20/s,for=1h`',
    details: { character: at + 1 },
  });
}

function above0(quantity: Quantity<number>, form: string): Quantity<number> {
  return quantity.ok && !(quantity.value > 0) ? unreadable(form) : quantity;
}

function readSeed(text: string): Quantity<number> {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return seed < 2 ** 32 ? { ok: true, value: seed } : unreadable('a whole number from 0 to 4294967295');
}

function readNumber(text: string): Quantity<number> {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) ? { ok: true, value: Number(text) } : unreadable('a number such as `10`');
}

import { makeError } from '../record/make-error.ts';
import { hourOf, type LedgerError, type LedgerErrorKind } from '../row.ts';
import type { Span } from '../span.ts';

interface Place {
  readonly span: { readonly device: string };
  readonly slot: { readonly slot: string };
}

/** Collects what went wrong on shares: one error for each kind, share, set of claims and hour, with its time added up. */
export class ErrorBook {
  readonly #errors = new Map<string, LedgerError>();

  addTwice(place: Place, span: Span, claims: readonly string[], shareMs: number): void {
    const names = [...claims].sort();
    this.#add('claimed-twice', place, span, names, shareMs, `${names.join(' and ')} hold more than there is`);
  }

  /** @param text how much its holders ask for, and how much there is. */
  addOvercommitted(place: Place, span: Span, claims: readonly string[], shareMs: number, text: string): void {
    this.#add('overcommitted', place, span, [...claims].sort(), shareMs, text);
  }

  addLost(place: Place, span: Span, holder: string): void {
    const text = `${holder} was seen on it, and no claim of that name holds it`;
    this.#add('claim-lost', place, span, [holder], span.toMs - span.fromMs, text);
  }

  addOwnerless(place: Place, span: Span, claim: string): void {
    this.#add('claim-without-owner', place, span, [claim], span.toMs - span.fromMs, `nobody owns ${claim}`);
  }

  get errors(): readonly LedgerError[] {
    return [...this.#errors.values()];
  }

  #add(
    kind: LedgerErrorKind,
    place: Place,
    span: Span,
    claims: readonly string[],
    shareMs: number,
    text: string,
  ): void {
    const [device, slot] = [place.span.device, place.slot.slot];
    const key = JSON.stringify([kind, device, slot, claims, hourOf(span.fromMs)]);
    const before = this.#errors.get(key);
    const error = makeError(kind, {
      fromMs: Math.min(span.fromMs, before?.fromMs ?? span.fromMs),
      toMs: Math.max(span.toMs, before?.toMs ?? span.toMs),
      device,
      slot,
      claims,
      shareMs: shareMs + (before?.shareMs ?? 0),
      message: `${device}, slot ${slot}: ${text}`,
    });
    this.#errors.set(key, error);
  }
}

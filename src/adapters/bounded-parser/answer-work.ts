import { readBundle } from '../../schemas/bundle/bundle-manifest.ts';
import { readContract } from '../../schemas/contract/contract.ts';
import { readJsonText } from '../../schemas/source/json-text.ts';
import { readLock } from '../../schemas/lock/lock.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ParseAnswer, ParseWork } from './parse-messages.ts';

/** What the worker does with one message. An error of ours crosses as data: a copy of an Error loses its class. */
export function answerWork(work: ParseWork): ParseAnswer {
  try {
    return { ok: true, value: parse(work) };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    const { code, category, message, next, details } = thrown;
    return { ok: false, error: { code, category, message, next, details } };
  }
}

function parse(work: ParseWork): unknown {
  switch (work.kind) {
    case 'contract':
      return readContract(work.bytes, work.file, work.shownAs);
    case 'lock':
      return readLock(work.bytes, work.file);
    case 'bundle':
      return readBundle(work.bytes);
    case 'json':
      return readJsonText(work.bytes, work.file);
  }
}

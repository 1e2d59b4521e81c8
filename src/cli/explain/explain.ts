import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { findKeyDoc, keyDocs, nearestKey, type KeyDoc } from '../../core/contract-keys/keys.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CliCommand } from '../command.ts';
import { painter } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';

export const command: CliCommand = {
  configure: (program) => {
    program.argument('[key]', 'a key of the contract; all of them are listed without one');
  },
  examples: [
    ['plimsoll explain coldStart.from', 'says which tier the cold-start budget speaks of'],
    ['plimsoll explain environments.prod.pool', 'finds `environments.<name>.pool`'],
    ['plimsoll explain', 'lists every key'],
  ],
  run: async ({ terminal }, { args: [typed] }) => {
    const paint = painter(terminal.colour);
    if (typed === undefined) {
      const rows = keyDocs.map((doc) => [paint('strong', doc.key), doc.form]);
      return { exit: 0, json: keyDocs, text: alignedTable(rows).join('\n') };
    }
    const doc = findKeyDoc(typed);
    if (doc === null) throw unknownKey(typed);
    return { exit: 0, json: { ...doc, below: keysBelow(doc) }, text: explanation(doc, paint) };
  },
};

function explanation(doc: KeyDoc, paint: ReturnType<typeof painter>): string {
  const below = keysBelow(doc);
  const rows = [
    ['value', doc.form],
    ['default', doc.default ?? 'none: it must be written'],
    ['example', `${lastWord(doc.key)}: ${doc.example}`],
    ...(below.length === 0 ? [] : [['below it', below.join(', ')]]),
  ];
  return [paint('strong', doc.key), `  ${doc.meaning}`, '', ...alignedTable(rows, '  ')].join('\n');
}

function keysBelow(doc: KeyDoc): readonly string[] {
  return keyDocs
    .map(({ key }) => key)
    .filter((key) => key.startsWith(`${doc.key}.`) && !key.slice(doc.key.length + 1).includes('.'));
}

const lastWord = (key: string): string => key.replaceAll('[]', '').split('.').at(-1) ?? key;

function unknownKey(typed: string): PlimsollError {
  const meant = nearestKey(typed);
  return new PlimsollError({
    code: 'unknown-key',
    category: 'input',
    message: `the contract has no key \`${typed}\`${meant === null ? '' : `; did you mean \`${meant}\`?`}`,
    next:
      meant === null
        ? nextStep(cliSteps, 'unknown-key/explain-all')
        : nextStep(cliSteps, 'unknown-key/explain', { name: meant }),
  });
}

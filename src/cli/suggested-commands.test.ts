import { describe, expect, it } from 'vitest';
import { filledIn, sourceTexts, textsOf } from '../testing/suggestions/source-texts.ts';
import { filledWords, suggestedCommands, type SuggestedCommand } from '../testing/suggestions/suggested-command.ts';
import type { CliContext } from './context.ts';
import { runProgram } from './program.ts';
import { evidenceKinds, kindTable } from '../core/evidence/kinds/table.ts';
import { isAvailable } from '../core/evidence/renewal.ts';

const namesCommand = /(?<![\w./~@-])plimsoll (?:[a-z-]|\$\{)|(?<![\w./~@-])plimsoll \u0001/;
/** The renewal of a kind that this version cannot measure: what is suggested in its place is a waiver. */
const neverSuggested = new Set(
  evidenceKinds.filter((kind) => !isAvailable(kind)).map((kind) => kindTable[kind].renewal),
);

/** Null where the program takes these words; what it says otherwise. Nothing is run. */
async function refusal(words: readonly string[]): Promise<string | null> {
  let [parsed, said] = [false, ''];
  const io = { out: () => undefined, err: (text: string) => void (said += text) };
  const exit = await runProgram(words, io, '0.0.0', (): CliContext => {
    parsed = true;
    throw new Error('it was parsed');
  });
  return parsed || exit === 0 ? null : (said.split('\n').find((line) => line !== '') ?? `status ${exit}`);
}

async function complaint({ words, isMention }: SuggestedCommand): Promise<string | null> {
  let first: string | null = null;
  for (const filled of filledWords(words)) {
    const said = await refusal(filled);
    if (said === null || (isMention && /missing|not specified|needs a subcommand/.test(said))) return null;
    first ??= said;
  }
  return first;
}

async function complaints(file: string, line: number, text: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const command of await suggestedCommands(text)) {
    const said = await complaint(command);
    if (said !== null && !neverSuggested.has(command.shown)) found.push(`${file}:${line}: ${command.shown}: ${said}`);
  }
  return found;
}

describe('a command in a text', () => {
  it.each([
    ['plimsoll check', []],
    ['run `plimsoll model add FILE --name digits`, then plimsoll pin', []],
    ['plimsoll store verify FOLDER lists all of it; take another backup', []],
    ['plimsoll model add reads the files', []],
    [`plimsoll model alias ${filledIn} ${filledIn} 2 --reason TEXT`, []],
    [`plimsoll pin${filledIn}`, []],
    ['plimsoll rollback ... --emergency', []],
    ['plimsoll chekc', [/unknown command `chekc`/]],
    ['plimsoll pin, then plimsoll coldstart --tiers memory', [/unknown option '--tiers'/]],
    ['plimsoll model alias digits candidate 2', [/required option '--reason <text>'/]],
    ['plimsoll store backup', [/missing required argument 'folder'/]],
  ])('%j', async (text, wanted) => {
    expect(await complaints('text', 1, text)).toEqual(wanted.map((each) => expect.stringMatching(each)));
  });

  it('is found in sums, templates and elements, each with its line', () => {
    const source =
      "const a = 'plimsoll ' +\n  'pin' + b;\nconst c = `plimsoll ${d ? `check ${e}` : f} --json`;\nx(<p>plimsoll up</p>);";
    expect(textsOf('a.tsx', source)).toEqual([
      { file: 'a.tsx', line: 1, text: `plimsoll pin${filledIn}` },
      { file: 'a.tsx', line: 3, text: `plimsoll ${filledIn} --json` },
      { file: 'a.tsx', line: 3, text: `check ${filledIn}` },
      { file: 'a.tsx', line: 4, text: 'plimsoll up' },
    ]);
  });
});

describe('commands that the program and the page suggest', () => {
  it('are ones that the program takes', { timeout: 60_000 }, async () => {
    const texts = sourceTexts(namesCommand);
    expect(texts.length).toBeGreaterThan(300);
    const found: string[] = [];
    for (const { file, line, text } of texts) found.push(...(await complaints(file, line, text)));
    expect(found).toEqual([]);
  });
});

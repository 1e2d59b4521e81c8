import { shellPath, shellWord } from '../shell-word.ts';
import { nextSteps, type NextStepId } from './table.ts';

/** The names in braces of a text: `{name}` of `plimsoll pool show {name}`. */
type ValuesOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ValuesOf<Rest>
  : never;
type Values<Id extends NextStepId> = Readonly<Record<ValuesOf<(typeof nextSteps)[Id]['command']>, string | number>>;

/**
 * The next step of this state as it is printed. What stands in braces is put in as one word of a shell, whatever a user's file
 * brings; in `{path}` and `{given}` as one that no program takes for an option.
 */
export function nextStep<Id extends NextStepId>(
  id: Id,
  ...values: ValuesOf<(typeof nextSteps)[Id]['command']> extends never ? [] : [Values<Id>]
): string {
  const given: Readonly<Record<string, string | number>> = values[0] ?? {};
  return nextSteps[id].command.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(given[name] ?? '');
    return name === 'path' || name === 'given' ? shellPath(value) : shellWord(value);
  });
}

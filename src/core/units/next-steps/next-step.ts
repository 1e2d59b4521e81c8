import { shellPath, shellWord } from '../shell-word.ts';

/**
 * What is printed next, by the state that it is for: codes of errors with a `+` between them, and behind a slash which case of
 * that state. A text is a command or a sentence with one; a name in braces is a value, quoted for a shell.
 */
export type NextSteps = Readonly<Record<string, string>>;

/** The names in braces of a text: `{name}` of `plimsoll pool show {name}`. */
type ValuesOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${string} ${string}` ? never : Name) | ValuesOf<Rest>
  : never;
type Values<Text extends string> = Readonly<Record<ValuesOf<Text>, string | number>>;

const pathName = /^(?:path|given|(?:\w*F|f)(?:ile|older))$/;

/**
 * The next step of this state as it is printed. What stands in braces is put in as one word of a shell, whatever a user's file
 * brings; what is named a path, file or folder as one that no program takes for an option.
 */
export function nextStep<Steps extends NextSteps, State extends keyof Steps & string>(
  steps: Steps,
  state: State,
  ...values: ValuesOf<Steps[State]> extends never ? [] : [Values<Steps[State]>]
): string {
  const given: Readonly<Record<string, string | number>> = values[0] ?? {};
  return (steps[state] ?? '').replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(given[name] ?? '');
    return pathName.test(name) ? shellPath(value) : shellWord(value);
  });
}

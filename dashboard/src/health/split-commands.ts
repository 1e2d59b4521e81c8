/** A sentence in which backticks mark what is to be typed, or a command alone. */
export function splitCommands(text: string): readonly { readonly text: string; readonly isCommand: boolean }[] {
  if (text.startsWith('plimsoll ')) return [{ text, isCommand: true }];
  return text
    .split('`')
    .map((part, index) => ({ text: part, isCommand: index % 2 === 1 }))
    .filter((part) => part.text !== '');
}

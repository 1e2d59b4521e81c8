/** Words that a text of the language has, and texts of the others seldom have. */
const stopWords: Readonly<Record<string, string>> = {
  en: 'the and of to is that it for was with are this have you not what',
  de: 'der die das und ist nicht ein eine zu den mit sich auf für ich wie',
  fr: 'le les des est une et dans pour que qui pas sur vous avec je au',
  es: 'el los las una que en es por con para del como pero más está y',
  it: 'il di che è un non per una sono con gli della come ma più sei',
  pt: 'o os um uma que não é para com em do da mas como você são',
  nl: 'het een van en dat niet te zijn op met voor er maar ik wat deze',
  pl: 'i w nie na się to jest że z do jak co ale czy tak po',
  tr: 've bir bu için ne da de ile çok ama gibi mi daha var ben nasıl',
};

const languagesByWord = new Map<string, string[]>();
for (const [language, words] of Object.entries(stopWords)) {
  for (const word of words.split(' ')) languagesByWord.set(word, [...(languagesByWord.get(word) ?? []), language]);
}

const scripts: readonly (readonly [string, RegExp])[] = [
  ['latin', /\p{Script=Latin}/gu],
  ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['chinese', /\p{Script=Han}/gu],
  ['korean', /\p{Script=Hangul}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['hebrew', /\p{Script=Hebrew}/gu],
  ['greek', /\p{Script=Greek}/gu],
  ['devanagari', /\p{Script=Devanagari}/gu],
  ['thai', /\p{Script=Thai}/gu],
];

/** A guess by script, and for Latin script by stop words: `en`, `japanese`, `latin` where no word decides, `none` without letters. */
export function guessLanguage(text: string, words: readonly string[]): string {
  const script = guessScript(text);
  if (script !== 'latin') return script;
  const counts = new Map<string, number>();
  for (const word of words) {
    for (const language of languagesByWord.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  let [best, most] = ['latin', 0];
  for (const language of Object.keys(stopWords)) {
    const found = counts.get(language) ?? 0;
    if (found > most) [best, most] = [language, found];
  }
  return best;
}

/** The script of most letters; Japanese where a tenth is kana, since the rest of it is written as Chinese is. */
function guessScript(text: string): string {
  if (/^[\x20-\x7e\s]*$/.test(text)) return /[a-z]/i.test(text) ? 'latin' : 'none';
  const counts = scripts.map(([script, letters]) => [script, text.match(letters)?.length ?? 0] as const);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return 'none';
  if ((counts.find(([script]) => script === 'japanese')?.[1] ?? 0) >= all / 10) return 'japanese';
  return counts.reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

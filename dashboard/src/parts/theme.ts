/** Colours as a canvas needs them: read from the style sheet, again whenever the scheme changes. */
export interface Theme {
  readonly ink: string;
  readonly dim: string;
  readonly rule: string;
  readonly unknown: string;
  readonly paper: string;
  readonly sheet: string;
  readonly sea: string;
  readonly bad: string;
  readonly warm: string;
  readonly font: string;
}

let known: Theme | null = null;
const scheme = matchMedia('(prefers-color-scheme: dark)');
const watchers = new Set<() => void>();
scheme.addEventListener('change', () => {
  known = null;
  for (const watcher of watchers) watcher();
});

export function currentTheme(): Theme {
  known ??= readTheme();
  return known;
}

export function watchTheme(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: read('--ink'),
    dim: read('--ink-3'),
    rule: read('--rule'),
    unknown: read('--unknown'),
    paper: read('--paper'),
    sheet: read('--sheet'),
    sea: read('--sea'),
    bad: read('--bad'),
    warm: read('--warm'),
    font: `11px ${read('--font-text')}`,
  };
}

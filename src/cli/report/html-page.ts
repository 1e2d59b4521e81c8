import { visibleLine, visiblePlain } from '../../core/units/visible-text.ts';

/** What every page begins with: light and dark, as wide as a phone, tables that scroll on their own. */
export const pageStyle = `
:root { color-scheme: light dark; --back: #fff; --front: #1b1f24; --quiet: #57606a; --line: #d0d7de; --pass: #116329; --fail: #a40e26; --warn: #7d4e00; --fill: 9, 105, 218; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --front: #e6edf3; --quiet: #9da7b3; --line: #30363d; --pass: #56d364; --fail: #ff7b72; --warn: #e3b341; --fill: 88, 166, 255; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--front); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; } h2 { margin-top: 2.5rem; font-size: 1.15rem; }
.quiet { color: var(--quiet); }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid rgb(var(--fill)); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
svg { max-width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 12px; }
`;

/** One page that needs nothing else: no script, no network. @param body of HTML already */
export function htmlPage(title: string, style: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${html(title)}</title>
<style>${pageStyle}${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** What is wider than the page scrolls on its own, also by the keyboard. */
export const section = (title: string, content: string): string =>
  `<h2>${html(title)}</h2>\n${scrolling(title, content)}`;
export const scrolling = (title: string, content: string): string =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${html(title)}">${content}</div>`;

export const headOf = (head: readonly string[]): string =>
  `<thead><tr>${head.map((text) => `<th scope="col">${html(text)}</th>`).join('')}</tr></thead>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const html = (text: string): string =>
  visiblePlain(visibleLine(text)).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

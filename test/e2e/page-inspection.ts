/*
 * Looked at inside the page: sources of functions that Playwright evaluates there. They are text because this project
 * types its tests for Node, without a document.
 */

/** Runs before the page's own scripts: https://wicg.github.io/layout-instability/#sec-layout-shift */
export const watchShiftsAndViolations = `
  window.shifts = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.reportViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile);
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const what = entry.sources.map(({ node }) => node?.className || node?.nodeName || 'text').join(' ');
      if (!entry.hadRecentInput) window.shifts.push({ value: entry.value, what });
    }
  }).observe({ type: 'layout-shift', buffered: true });
`;

/** Opens the subjects of all kinds of evidence. Returns how many are left closed: it is asked again until there is none. */
export const openSubjects = `(() => {
  const closed = document.querySelectorAll('#evidence th button[aria-expanded="false"]');
  for (const button of closed) button.click();
  return closed.length;
})()` as unknown as () => number;

/** From now on `reached` holds the mark and the outline of each control that takes the focus. */
export const watchFocus = `(() => {
  window.reached = [];
  document.addEventListener('focusin', ({ target }) => {
    const shown = target.matches('.samples input') ? target.parentElement : target;
    window.reached.push({ id: target.dataset.tabbable, outline: getComputedStyle(shown).outlineStyle });
  });
})()`;

/** Marks what Tab should reach and returns the marks; of a group of radio buttons, Tab reaches one. */
export const tabbable = `(() => {
  const marks = [];
  const groups = new Set();
  const selector = 'a[href], button, input, select, textarea, [tabindex="0"]';
  for (const element of document.querySelectorAll(selector)) {
    if (element.disabled || element.tabIndex < 0 || element.checkVisibility() === false) continue;
    if (element.type === 'radio') {
      if (groups.has(element.name)) continue;
      groups.add(element.name);
    }
    const name = element.getAttribute('aria-label') ?? element.textContent ?? element.tagName;
    const mark = marks.length + ' ' + element.tagName + ' ' + name.trim().slice(0, 40);
    element.dataset.tabbable = mark;
    marks.push(mark);
  }
  return marks;
})()` as unknown as () => string[];

export const headingsAndNames = `(() => {
  const problems = [];
  const all = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
  if (document.documentElement.lang === '') problems.push('the document has no language');
  for (const landmark of ['header', 'main', 'footer', 'nav']) if (all(landmark).length === 0) problems.push('no ' + landmark);
  if (all('h1').length !== 1) problems.push(all('h1').length + ' headings of level 1');
  let level = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) problems.push('level ' + next + ' after ' + level + ': ' + heading.textContent);
    level = next;
  }
  const nameOf = (element) => {
    const by = element.getAttribute('aria-labelledby');
    const labelled = by === null ? '' : document.getElementById(by)?.textContent ?? '';
    const labels = element.labels === undefined || element.labels === null ? '' : [...element.labels].map((label) => label.textContent).join(' ');
    const own = element.matches('button, a') ? element.textContent : '';
    return (element.getAttribute('aria-label') ?? '') + labelled + labels + own;
  };
  for (const element of all('button, a[href], input, select, textarea, [role=img], [role=application], [role=group], section, [tabindex="0"]')) {
    if (nameOf(element).trim() === '') problems.push('no name: ' + element.outerHTML.slice(0, 90));
  }
  for (const svg of all('svg')) {
    if (svg.getAttribute('aria-hidden') !== 'true' && svg.getAttribute('role') !== 'img') problems.push('a drawing that is neither hidden nor named: ' + svg.outerHTML.slice(0, 90));
  }
  for (const canvas of all('canvas')) {
    if (canvas.closest('[role=img], [role=application], [aria-hidden=true]') === null) problems.push('a canvas without a role: ' + canvas.parentElement.className);
  }
  for (const cell of all('thead th')) if (cell.getAttribute('scope') !== 'col') problems.push('a head cell without a scope');
  const ids = all('[id]').map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) problems.push('twice the id ' + id);
  for (const link of all('a[href^="#"]')) if (document.querySelector(link.getAttribute('href')) === null) problems.push('a link to nowhere: ' + link.getAttribute('href'));
  return problems;
})()` as unknown as () => string[];

/** Texts below 4.5:1 against what lies behind them (3:1 from 24 px, or 18.66 px bold): https://www.w3.org/TR/WCAG22/#contrast-minimum */
export const faintTexts = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  // Each colour and each element is looked at once: a page has thousands of texts, and a few colours.
  const remembered = (read) => {
    const known = new Map();
    return (key) => known.has(key) ? known.get(key) : known.set(key, read(key)).get(key);
  };
  const rgba = remembered((color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  });
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = remembered((element) =>
    over(rgba(getComputedStyle(element).backgroundColor), element.parentElement === null ? [255, 255, 255, 1] : behind(element.parentElement)));
  const faint = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || !element.checkVisibility() || element.closest('.unseen, noscript, option') !== null) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    const ink = element.closest('svg') === null ? style.color : style.fill;
    const [a, b] = [luminance(over(rgba(ink), back)), luminance(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.add(ratio.toFixed(2) + ' ' + element.className + ': ' + node.data.trim().slice(0, 40));
  }
  return [...faint];
})()` as unknown as () => string[];

/**
 * Returns the page's document for one address, its links relative to that address: a proxy may put a prefix in front of all
 * addresses and take it away again, and need not say so.
 *
 * | address | links of the page's own files |
 * |---|---|
 * | `/`, `/services`, `/cost` | `./assets/...` |
 * | `/services/NAME/ENVIRONMENT` | `../../assets/...` |
 *
 * @param html as it is built, with links from the root: `"./mark.svg"`.
 * @param pathname of the request, as it was sent.
 */
export function linkFrom(html: string, pathname: string): string {
  const depth = pathname.split('/').length - 2;
  return depth < 1 ? html : html.replaceAll('="./', `="${'../'.repeat(depth)}`);
}

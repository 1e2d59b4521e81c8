/** Where alerts go. An address is a URL, or `secret/NAME#KEY` whose value is one. */
export type NotifyTarget =
  | { readonly kind: 'webhook'; readonly address: string; readonly secret: string }
  | { readonly kind: 'slack' | 'alertmanager'; readonly address: string };

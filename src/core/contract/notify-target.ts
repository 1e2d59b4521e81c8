/** Where alerts go. An address is a URL, or `secret/NAME#KEY` whose value is one. */
export type NotifyTarget =
  | { readonly kind: 'webhook'; readonly address: string; readonly secret: string }
  | {
      readonly kind: 'smtp';
      readonly address: string;
      readonly from: string;
      readonly to: readonly string[];
      /** A secret whose value is `user:password`; null where the server takes mail without a login. */
      readonly login: string | null;
    }
  | { readonly kind: 'slack' | 'alertmanager'; readonly address: string };

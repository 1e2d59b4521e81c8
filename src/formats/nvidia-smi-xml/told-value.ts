/** Reads text as nvidia-smi writes it; null for `N/A`, `[Unknown Error]` and everything else that is no such value. */
export type ReadValue<T> = (text: string) => T | null;

const mebibyte = 1024 * 1024;

export const readMebibytes: ReadValue<number> = (text) => {
  const match = /^(\d{1,9}) MiB$/.exec(text);
  return match === null ? null : Number(match[1]) * mebibyte;
};

export const readWatts: ReadValue<number> = (text) => {
  const match = /^(\d{1,6}(?:\.\d{1,6})?) W$/.exec(text);
  return match === null ? null : Number(match[1]);
};

export const readCount: ReadValue<number> = (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null);

/** `16x` in the XML, `16` in the CSV. */
export const readWidth: ReadValue<number> = (text) => {
  const match = /^(\d{1,2})x?$/.exec(text);
  return match === null ? null : Number(match[1]);
};

export const readSwitch: ReadValue<boolean> = (text) => {
  if (text === 'Enabled') return true;
  return text === 'Disabled' ? false : null;
};

/** `570.148.08`; on Windows two numbers. */
export const readDriver: ReadValue<string> = (text) => (/^\d{1,5}(?:\.\d{1,5}){1,3}$/.test(text) ? text : null);

export const readCuda: ReadValue<string> = (text) => (/^\d{1,3}\.\d{1,3}$/.test(text) ? text : null);

/** `20B010DE` in the XML, `0x20B010DE` in the CSV. */
export const readPciDeviceId: ReadValue<string> = (text) => {
  const match = /^(?:0x)?([0-9a-fA-F]{8})$/.exec(text);
  return match === null ? null : `0x${(match[1] ?? '').toUpperCase()}`;
};

/** `00000000:06:00.0`, as nvidia-smi writes it. */
export const readPciBusId: ReadValue<string> = (text) =>
  /^[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]$/.test(text) ? text.toUpperCase() : null;

export const readUuid: ReadValue<string> = (text) => (/^(?:GPU|MIG)-[0-9a-zA-Z/-]{4,120}$/.test(text) ? text : null);

/** What stands in place of a name that the driver could not tell. */
const noName =
  /^(?:\[.*\]|n\/?a|none|unknown|.*\berror\b.*|err!|not supported|.*not available.*|.*deprecated.*|.*permissions?|gpu (?:is lost|requires reset).*)$/i;

export const readName: ReadValue<string> = (text) =>
  text !== '' && text.length <= 200 && !noName.test(text) ? text : null;

/** Lower case with dashes: `Quadro RTX` is `quadro-rtx`. */
export const readBrand: ReadValue<string> = (text) => readName(text)?.toLowerCase().replaceAll(/\s+/g, '-') ?? null;

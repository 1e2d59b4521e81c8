const mostCharacters = 64;
const keptCharacters = 40;

/** The text where it has at most 64 characters; else its beginning with a digest of the whole, so that two long ones stay two. */
export function shortName(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, keptCharacters)}~${hashText(text)}`;
}

/** 64 bits as 16 hexadecimal digits: two 32-bit FNV-1a with other beginnings. Tells texts apart; keeps no secret. */
export function hashText(text: string): string {
  const [first, second] = [hashFrom(text, 0x811c9dc5), hashFrom(text, 0x2b5a7e31)];
  return [first, second].map((part) => part.toString(16).padStart(8, '0')).join('');
}

/** Of at most the first 4,096 characters and the length. */
function hashFrom(text: string, seed: number): number {
  let hash = seed ^ text.length;
  const end = Math.min(text.length, 4_096);
  for (let at = 0; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

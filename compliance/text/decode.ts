/**
 * The text of a licence file. UTF-8, UTF-16 with or without a byte order mark, and as a last resort Windows-1252, in which old files
 * write "©" and names; a wrong guess shows as words that differ, so it can never make two texts equal that are not.
 * @returns undefined for what holds control characters in every reading, such as an archive or a program
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  for (const encoding of encodingsOf(bytes)) {
    const text = decodeAs(encoding, bytes);
    if (text !== undefined && !BINARY.test(text)) return text;
  }
  return undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that no licence text holds
const BINARY = /[\u0000-\u0008\u000e-\u001f\u007f\ufffd]/;

function encodingsOf(bytes: Uint8Array): readonly string[] {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return ['utf-16le'];
  if (first === 0xfe && second === 0xff) return ['utf-16be'];
  const zeros = (offset: number) => bytes.slice(0, SAMPLE).filter((byte, index) => index % 2 === offset && byte === 0).length;
  if (zeros(1) > bytes.slice(0, SAMPLE).length / 4) return ['utf-16le'];
  if (zeros(0) > bytes.slice(0, SAMPLE).length / 4) return ['utf-16be'];
  return ['utf-8', 'windows-1252'];
}

/** Bytes that are looked at to tell UTF-16 without a mark. */
const SAMPLE = 256;

function decodeAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

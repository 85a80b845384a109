/** What to do with the value at a path: read its keys, hand its text over, or pass over it. */
export type Interest = 'enter' | 'take' | 'skip';

export interface JsonScan {
  /** Asked once for every value of an entered object, before the value is read. */
  readonly interest: (path: readonly string[]) => Interest;
  /** The text of a taken value. */
  readonly take: (path: readonly string[], text: string) => void;
}

/** A taken value of a price list has a few kB; a larger one is no price list. */
const MAX_TAKEN_BYTES = 4 * 2 ** 20;
const MAX_KEY_BYTES = 4096;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const SPACE = 0x20;

type Expect = 'value' | 'key-or-end' | 'key' | 'colon' | 'comma-or-end' | 'nothing';

/**
 * Walks a JSON document of any size chunk by chunk, and holds in memory only the values that are asked for.
 * What is passed over is checked for balanced brackets and closed strings; what is taken, by whoever parses it.
 */
export class JsonScanner {
  readonly #scan: JsonScan;
  readonly #path: string[] = [];
  #expect: Expect = 'value';
  /** A value that is being taken or skipped, byte by byte. */
  #inside: 'take' | 'skip' | 'key' | null = null;
  #nest = 0;
  #inString = false;
  #escaped = false;
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #offset = 0;

  constructor(scan: JsonScan) {
    this.#scan = scan;
  }

  /** @throws SyntaxError with the offset in bytes */
  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#inside === null ? this.#structure(chunk, at) : this.#value(chunk, at);
    this.#offset += chunk.length;
  }

  /** @throws SyntaxError when the document is not complete */
  end(): void {
    if (this.#expect !== 'nothing' || this.#inside !== null) throw new SyntaxError(`it ends in the middle, after ${this.#offset} bytes`);
  }

  /** One byte between values of an entered object. */
  #structure(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number;
    if (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09) return at + 1;
    switch (this.#expect) {
      case 'value':
        return this.#startValue(byte, at);
      case 'key-or-end':
      case 'key':
        if (byte === CLOSE_OBJECT && this.#expect === 'key-or-end') return this.#closeObject(at);
        if (byte !== QUOTE) throw this.#unexpected(byte, at);
        this.#begin('key');
        this.#inString = false;
        return at;
      case 'colon':
        if (byte !== COLON) throw this.#unexpected(byte, at);
        this.#expect = 'value';
        return at + 1;
      case 'comma-or-end':
        if (byte === COMMA) {
          this.#expect = 'key';
          return at + 1;
        }
        if (byte === CLOSE_OBJECT) return this.#closeObject(at);
        throw this.#unexpected(byte, at);
      default:
        throw this.#unexpected(byte, at);
    }
  }

  #startValue(byte: number, at: number): number {
    const interest = this.#scan.interest(this.#path);
    if (interest === 'enter') {
      if (byte !== OPEN_OBJECT) throw this.#unexpected(byte, at);
      this.#expect = 'key-or-end';
      this.#path.push('');
      return at + 1;
    }
    this.#begin(interest);
    return at;
  }

  #closeObject(at: number): number {
    this.#path.pop();
    this.#expect = this.#path.length === 0 ? 'nothing' : 'comma-or-end';
    return at + 1;
  }

  #begin(what: 'take' | 'skip' | 'key'): void {
    this.#inside = what;
    this.#nest = 0;
    this.#inString = false;
    this.#escaped = false;
  }

  /** Bytes of a value up to its end or that of the chunk; returns where to go on. */
  #value(chunk: Buffer, start: number): number {
    let nest = this.#nest;
    let inString = this.#inString;
    let escaped = this.#escaped;
    let at = start;
    let done = false;
    for (; at < chunk.length && !done; at++) {
      const byte = chunk[at] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inString = false;
          done = nest === 0;
        }
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) nest++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        // A number, true, false or null ends before the bracket of what holds it.
        if (nest === 0) break;
        nest--;
        done = nest === 0;
      } else if (byte === COMMA && nest === 0) break;
    }
    const ended = done || at < chunk.length;
    this.#nest = nest;
    this.#inString = inString;
    this.#escaped = escaped;
    if (this.#inside !== 'skip') this.#keep(chunk.subarray(start, at));
    if (ended) this.#finish();
    return at;
  }

  #keep(piece: Buffer): void {
    this.#pieceBytes += piece.length;
    const most = this.#inside === 'key' ? MAX_KEY_BYTES : MAX_TAKEN_BYTES;
    if (this.#pieceBytes > most) throw new SyntaxError(`a value of more than ${most} bytes near byte ${this.#offset}`);
    // A view would keep the whole chunk in memory.
    this.#pieces.push(Buffer.from(piece));
  }

  #finish(): void {
    const inside = this.#inside;
    this.#inside = null;
    const text = Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (inside === 'key') {
      this.#path[this.#path.length - 1] = JSON.parse(text) as string;
      this.#expect = 'colon';
      return;
    }
    if (inside === 'take') this.#scan.take(this.#path, text);
    this.#expect = this.#path.length === 0 ? 'nothing' : 'comma-or-end';
  }

  #unexpected(byte: number, at: number): SyntaxError {
    return new SyntaxError(`unexpected ${JSON.stringify(String.fromCharCode(byte))} at byte ${this.#offset + at}`);
  }
}

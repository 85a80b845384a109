/** How a field of a message is written: its number, and what it holds. */
export type Field = readonly [number: number, kind: Kind, of?: MessageShape];
type Kind = 'string' | 'bytes' | 'bool' | 'int' | 'message' | 'messages' | 'map';
/** A message as a table of its fields. */
export interface MessageShape {
  readonly [name: string]: Field;
}
/** A decoded message; absent fields are missing. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is data, so the type of a message is known only to its table
export type Message = Record<string, any>;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * Writes a message in the binary form of protocol buffers. Only what plugins use: no floats, no negative numbers, no groups.
 * Source: protobuf.dev, "Encoding". A library for it takes longer to load than a stand-in needs to answer, and Terraform
 * starts a provider some thirty times in one rehearsed deploy.
 */
export function encodeMessage(shape: MessageShape, message: Message): Buffer {
  const parts: Buffer[] = [];
  for (const [name, [number, kind, of]] of Object.entries(shape)) {
    const value = message[name];
    if (value === undefined || value === null || value === false || value === 0 || value === '') continue;
    for (const item of itemsOf(kind, value)) parts.push(encodeField(number, kind, of, item));
  }
  return Buffer.concat(parts);
}

/** Reads a message; fields that the table does not name are passed over. @throws Error on a truncated message */
export function decodeMessage(shape: MessageShape, bytes: Buffer): Message {
  const byNumber = new Map(Object.entries(shape).map(([name, field]) => [field[0], { name, field }]));
  const message: Message = {};
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('truncated message');
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const known = byNumber.get(Math.floor(tag / 8));
    const wire = tag % 8;
    if (wire === FIXED64 || wire === FIXED32) {
      at += wire === FIXED64 ? 8 : 4;
      continue;
    }
    const length = varint();
    if (wire === VARINT) {
      if (known) message[known.name] = known.field[1] === 'bool' ? length !== 0 : length;
      continue;
    }
    if (wire !== LENGTH || at + length > bytes.length) throw new Error('truncated message');
    const slice = bytes.subarray(at, at + length);
    at += length;
    if (known) addField(message, known.name, known.field, slice);
  }
  return message;
}

function itemsOf(kind: Kind, value: unknown): readonly unknown[] {
  if (kind === 'messages') return value as unknown[];
  return kind === 'map' ? Object.entries(value as object) : [value];
}

function encodeField(number: number, kind: Kind, of: MessageShape | undefined, value: unknown): Buffer {
  if (kind === 'bool' || kind === 'int') return Buffer.concat([encodeVarint(number * 8 + VARINT), encodeVarint(Number(value))]);
  const body = encodeBody(kind, of, value);
  return Buffer.concat([encodeVarint(number * 8 + LENGTH), encodeVarint(body.length), body]);
}

function encodeBody(kind: Kind, of: MessageShape | undefined, value: unknown): Buffer {
  if (kind === 'string') return Buffer.from(value as string, 'utf8');
  if (kind === 'bytes') return Buffer.from(value as Uint8Array);
  if (kind === 'map') {
    const [key, entry] = value as [string, Message];
    return encodeMessage(mapEntry(of), { key, value: entry });
  }
  return encodeMessage(of ?? {}, value as Message);
}

function mapEntry(of: MessageShape | undefined): MessageShape {
  return { key: [1, 'string'], value: [2, 'message', of] };
}

function addField(message: Message, name: string, [, kind, of]: Field, slice: Buffer): void {
  if (kind === 'string') message[name] = slice.toString('utf8');
  else if (kind === 'bytes') message[name] = slice;
  else if (kind === 'message') message[name] = decodeMessage(of ?? {}, slice);
  else if (kind === 'messages') message[name] = [...(message[name] ?? []), decodeMessage(of ?? {}, slice)];
  else if (kind === 'map') {
    const entry = decodeMessage(mapEntry(of), slice);
    message[name] = { ...message[name], [entry.key]: entry.value ?? {} };
  }
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

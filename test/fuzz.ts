// Requests that nobody should send, the same for the same seed.

/** A source of numbers from 0 to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const pick = <T>(random: () => number, all: readonly T[]) => all[Math.floor(random() * all.length)] as T

/** Values for a parameter of a path: out of range, of another type, encoded badly, large. None takes long to calculate. */
const VALUES = [
  ...[
    '0',
    '1',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    '٣',
    'NaN',
    'null',
    '[]',
    '%',
    '%zz',
    '%00',
    '%2e%2e',
    '..',
    '',
    ' ',
    "'",
    '"',
  ],
  ...['99999999999999999999', '9007199254740993', 'a'.repeat(2000), '%F0%9F%92%A9', '2;3', '2,3', '+2', '02', '97'],
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE']
const HEADERS = [
  ...[
    'content-type: application/json',
    'content-type: nonsense',
    'accept: image/png',
    'x-request-id: \x7f',
    'cookie: ;;;=',
  ],
  ...[
    'if-none-match: "',
    'range: bytes=9-1',
    'accept-encoding: br;q=2',
    'connection: keep-alive, close',
    `x: ${'y'.repeat(4000)}`,
  ],
]
const BODIES = ['', '{', '{"n":1}', 'null', 'a=b&c=%', '\0\x01\x02', '['.repeat(1000)]

/** What of an OpenAPI document is asked. */
export interface Document {
  readonly paths: Readonly<Record<string, object>>
}

/** A request that HTTP allows and the document does not, on one of its paths; whole, so that it must be answered. */
export function fromDocument({ paths }: Document, random: () => number): string {
  const path = pick(random, Object.keys(paths)).replace(/\{[^}]*\}/g, () => pick(random, VALUES).replaceAll(' ', '%20'))
  const more = pick(random, ['', '', '?', '?a=%', '/', '//', `?${'q'.repeat(500)}`])
  const body = pick(random, BODIES)
  const headers = [pick(random, HEADERS), `content-length: ${Buffer.byteLength(body)}`, 'connection: close']
  return `${pick(random, METHODS)} ${path}${more} HTTP/1.1\r\nhost: a\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}

/** A request with some of its bytes flipped, put in, taken out, cut off or sent twice. */
export function mangled(text: string, random: () => number): string {
  let bytes = Buffer.from(text, 'latin1')
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * bytes.length)
    const byte = Buffer.from([Math.floor(random() * 256)])
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    bytes = pick(random, [
      () => Buffer.concat([before, byte, after.subarray(1)]),
      () => Buffer.concat([before, byte, after]),
      () => Buffer.concat([before, after.subarray(1)]),
      () => Buffer.from(before),
      () => Buffer.concat([bytes, after]),
    ])()
  }
  return bytes.toString('latin1')
}

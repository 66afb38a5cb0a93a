import fc from 'fast-check'

/** Values of a parameter in a path: out of range, of another type, badly encoded, large. None takes long to calculate. */
const VALUES = [
  ...`0 1 -1 1.5 1e3 0x10 ٣ NaN null [] % %zz %00 %20 %2e%2e .. ' " 99999999999999999999 9007199254740993`.split(' '),
  ...'%F0%9F%92%A9 2;3 2,3 +2 02 97'.split(' '),
  'a'.repeat(2000),
  '',
]
const SUFFIXES = ['', '', '?', '?a=%', '/', '//', `?${'q'.repeat(500)}`]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE']
const HEADERS = [
  'content-type: application/json',
  'content-type: nonsense',
  'accept: image/png',
  'x-request-id: \x7f',
  'cookie: ;;;=',
  'if-none-match: "',
  'range: bytes=9-1',
  'accept-encoding: br;q=2',
  'connection: keep-alive, close',
  `x: ${'y'.repeat(4000)}`,
]
const BODIES = ['', '{', '{"n":1}', 'null', 'a=b&c=%', '\0\x01\x02', '['.repeat(1000)]

/** The part of an OpenAPI document that is read. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, object>>
}

/** Complete requests for the paths of an OpenAPI document, with a method, value, header or body that the document does not allow. */
export const invalidRequests = ({ paths }: ApiDocument): fc.Arbitrary<string> =>
  fc
    .record({
      method: fc.constantFrom(...METHODS),
      path: fc.constantFrom(...Object.keys(paths)),
      value: fc.constantFrom(...VALUES),
      suffix: fc.constantFrom(...SUFFIXES),
      header: fc.constantFrom(...HEADERS),
      body: fc.constantFrom(...BODIES),
    })
    .map(({ method, path, value, suffix, header, body }) => {
      const target = path.replace(/\{[^}]*\}/g, () => value) + suffix
      const headers = ['host: a', header, `content-length: ${Buffer.byteLength(body)}`, 'connection: close']
      return `${method} ${target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`
    })

/** Changes of a text at a position: replaces, inserts or removes a byte, cuts the rest off, or repeats it. */
const CHANGES: readonly ((before: string, after: string, byte: string) => string)[] = [
  (before, after, byte) => before + byte + after.slice(1),
  (before, after, byte) => before + byte + after,
  (before, after) => before + after.slice(1),
  before => before,
  (before, after) => before + after + after,
]

/** Invalid requests with one to four changed bytes. */
export const mangledRequests = (document: ApiDocument): fc.Arbitrary<string> => {
  const byte = fc.nat(255).map(code => String.fromCharCode(code))
  const change = fc.record({ position: fc.nat(), byte, change: fc.constantFrom(...CHANGES) })
  return fc
    .tuple(invalidRequests(document), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([request, changes]) =>
      changes.reduce((text, { position, byte, change }) => {
        const at = position % Math.max(1, text.length)
        return change(text.slice(0, at), text.slice(at), byte)
      }, request),
    )
}

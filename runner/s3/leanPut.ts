/**
 * A put made of the S3 library's signer and its way over the wire, without the layers between: they take most of the processor's
 * time of a small file. It is tried once; whatever is not answered with 200 is the library's, which knows errors, retries and clocks.
 */
import type { S3Client } from '@aws-sdk/client-s3'
import type { written } from './wire.ts'

/** So often in a row it may fail before it is left. */
const FAILURES = 3

type Signer = Awaited<ReturnType<S3Client['config']['signer']>>
type Request = Parameters<S3Client['config']['requestHandler']['handle']>[0]

/** Names and values of headers, or of a query. */
type Words = Record<string, string>

export class LeanPut {
  readonly #config: S3Client['config']
  readonly #endpoint: URL
  readonly #bucket: string
  #signer: Promise<Signer> | undefined
  #failures = 0

  /** For a bucket that is in the path of the endpoint's URLs. */
  constructor(config: S3Client['config'], endpoint: string, bucket: string) {
    this.#config = config
    this.#endpoint = new URL(endpoint)
    this.#bucket = bucket
  }

  /** The etag as it came; undefined when the library is to be asked. `query` names the operation. */
  async put(key: string, body: Buffer, headers: Words, query: Words): Promise<string | undefined> {
    if (this.#failures >= FAILURES) return undefined
    try {
      this.#signer ??= this.#config.signer()
      const signer = await this.#signer
      const signingDate = new Date(Date.now() + this.#config.systemClockOffset)
      const signed = await signer.sign(this.#request(key, body, headers, query), { signingDate })
      const { response } = await this.#config.requestHandler.handle(signed as Request)
      response.body.resume()
      if (response.statusCode === 200) {
        this.#failures = 0
        return response.headers.etag
      }
    } catch {
      // The library meets it again, and tells of it.
    }
    this.#failures += 1
    return undefined
  }

  #request(key: string, body: Buffer, headers: Words, query: Words): Request {
    const { protocol, hostname, port, host, pathname } = this.#endpoint
    const names = [this.#bucket, ...key.split('/')].map(escaped)
    return {
      ...{ method: 'PUT', protocol, hostname, query, body },
      ...(port === '' ? {} : { port: Number(port) }),
      path: `${pathname.replace(/\/$/, '')}/${names.join('/')}`,
      headers: {
        ...{ host, 'content-length': String(body.length) },
        // The MD5 among the headers, which are signed, tells what the body is.
        'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
        ...headers,
      },
    } as Request
  }
}

function escaped(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** What the library would make of the same words. */
export function putHeaders(
  { Metadata, ACL, ContentType, ContentEncoding, CacheControl, Expires }: ReturnType<typeof written>,
  { IfMatch, IfNoneMatch }: { IfMatch?: string; IfNoneMatch?: string },
  md5: string,
): Record<string, string> {
  const named = {
    'content-md5': md5,
    'content-type': ContentType ?? 'application/octet-stream',
    'content-encoding': ContentEncoding,
    'cache-control': CacheControl,
    expires: Expires?.toUTCString(),
    'if-match': IfMatch,
    'if-none-match': IfNoneMatch,
    'x-amz-acl': ACL,
  }
  const own = Object.entries(Metadata).map(([name, value]) => [`x-amz-meta-${name}`, value] as const)
  const given = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return Object.fromEntries([...given, ...own])
}

/**
 * One HTTP GET. The only file that knows undici, and undici's `request`, not `fetch`: fetch unpacks a body that a
 * server marks `Content-Encoding: gzip`, as some do for every .tar.gz, and the checksum is of the packed file.
 */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'

export interface Answer {
  status: number
  /** Names in lower case. */
  header(name: string): string | undefined
  body: Readable
}

export interface Get {
  headers: Record<string, string>
  signal?: AbortSignal | undefined
  /** Without a byte for so long the request fails. */
  stallMilliseconds: number
}

/** Follows redirects and honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Rejects with the system's or undici's error. */
export async function get(url: URL, { headers, signal, stallMilliseconds }: Get): Promise<Answer> {
  const { request } = await import('undici')
  const {
    statusCode,
    headers: received,
    body,
  } = await request(url, {
    dispatcher: await dispatcher(),
    headers: { 'user-agent': 'build-stack', 'accept-encoding': 'identity', ...headers },
    headersTimeout: stallMilliseconds,
    bodyTimeout: stallMilliseconds,
    ...(signal ? { signal } : {}),
  })
  const header = (name: string) => [received[name] ?? []].flat()[0]
  return { status: statusCode, header, body }
}

let shared: Dispatcher | undefined

async function dispatcher(): Promise<Dispatcher> {
  if (shared) return shared
  const { Agent, EnvHttpProxyAgent, interceptors } = await import('undici')
  // pipelining 0: no connection is kept once its answer is read, so that none keeps the process alive.
  const options = { connect: { timeout: 15_000 }, pipelining: 0 }
  const proxied = Object.entries(process.env).some(([name, value]) => /^https?_proxy$/i.test(name) && value)
  const agent = proxied ? quietly(() => new EnvHttpProxyAgent(options)) : new Agent(options)
  shared = agent.compose(interceptors.redirect({ maxRedirections: 10 }))
  return shared
}

/** undici calls its reading of the proxy variables experimental, on the user's terminal. */
function quietly<Made>(make: () => Made): Made {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return make()
  } finally {
    process.emitWarning = emitWarning
  }
}

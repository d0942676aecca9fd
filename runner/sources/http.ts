/**
 * One HTTP GET, redirects followed. On node's own http, not on its fetch: that one unpacks a body which a server marks
 * `Content-Encoding: gzip`, as some do for every .tar.gz, though the checksum is of the packed file; and in Node 20
 * to 24 it ends the whole process when a server closes while the reader is slow (nodejs/undici#5360).
 */
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { PassingFailure } from './httpFailure.ts'
import { PlaceFailure } from './source.ts'

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

const CONNECT_MILLISECONDS = 15_000
const MOST_REDIRECTS = 10

/**
 * Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Rejects with PlaceFailure, with PassingFailure when it stalls, and with
 * the system's error.
 */
export async function get(url: URL, options: Get): Promise<Answer> {
  let at = url
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await ask(at, options)
    const status = answer.statusCode ?? 0
    const location = answer.headers.location
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status))
      return { status, header: (name) => [answer.headers[name] ?? []].flat()[0], body: answer }
    discard(answer)
    if (!URL.canParse(location, at.href)) throw new PlaceFailure(`redirected to ${JSON.stringify(location)}`)
    at = new URL(location, at)
    if (!isHttp(at))
      throw new PlaceFailure(`redirected to ${at.protocol}, only http: and https: are supported`)
  }
  throw new PlaceFailure(`redirected more than ${MOST_REDIRECTS} times`)
}

export function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:'
}

/** Ends an answer whose body nobody reads. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy()
}

async function ask(url: URL, { headers, signal, stallMilliseconds }: Get): Promise<IncomingMessage> {
  const { target, ...way } = await wayTo(url)
  const { request } = target.protocol === 'https:' ? await httpsModule() : await import('node:http')
  const sent = request(target, {
    ...way,
    headers: { 'user-agent': 'build-stack', 'accept-encoding': 'identity', ...way.headers, ...headers },
    timeout: stallMilliseconds,
    ...(signal ? { signal } : {}),
  })
  const stopClock = startConnectClock(sent, url)
  try {
    return await new Promise<IncomingMessage>((answered, failed) => {
      sent.on('response', (answer) => {
        // Else the request's own time-out would come as a plain reset of the connection.
        sent.on('timeout', () => answer.destroy(new PassingFailure(`${url.host} stalled`)))
        answered(answer)
      })
      sent.on('timeout', () => sent.destroy(new PassingFailure(`${url.host} stalled`)))
      sent.on('error', failed)
      sent.end()
    })
  } finally {
    stopClock()
  }
}

/** Its request differs from node:http's only in what it does. */
async function httpsModule(): Promise<typeof import('node:http')> {
  return (await import('node:https')) as unknown as typeof import('node:http')
}

/** Names, proxies and handshakes have their own, shorter time. The error is of the kind that the system gives. */
function startConnectClock(sent: ClientRequest, { host }: URL): () => void {
  const late = Object.assign(new Error(`${host} did not answer`), { code: 'ETIMEDOUT', syscall: 'connect' })
  const clock = setTimeout(() => sent.destroy(late), CONNECT_MILLISECONDS)
  const stop = () => clearTimeout(clock)
  sent.on('socket', (socket) => (socket.connecting ? socket.once('connect', stop) : stop()))
  return stop
}

interface Way {
  target: URL
  agent?: Agent | false
  path?: string
  headers?: Record<string, string>
}

/** Straight, or as the proxy variables of the environment say. */
async function wayTo(url: URL): Promise<Way> {
  const named = Object.entries(process.env).some(
    ([name, value]) => /^(https?|all)_proxy$/i.test(name) && value,
  )
  if (!named) return { target: url, agent: false }
  // @ts-expect-error: it has no types of its own.
  const { getProxyForUrl } = (await import('proxy-from-env')) as { getProxyForUrl(url: string): string }
  const proxy = getProxyForUrl(url.href)
  if (proxy === '') return { target: url, agent: false }
  if (url.protocol === 'https:') {
    const { HttpsProxyAgent } = await import('https-proxy-agent')
    return { target: url, agent: new HttpsProxyAgent(proxy) }
  }
  return {
    target: new URL(proxy),
    agent: false,
    path: url.href,
    headers: { host: url.host, ...credentials(proxy) },
  }
}

function credentials(proxy: string): Record<string, string> {
  const { username, password } = new URL(proxy)
  if (username === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

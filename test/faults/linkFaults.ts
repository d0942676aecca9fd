/** The link itself down, in a network namespace of the client's own: no reset comes, packets just vanish. Root only. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Fault } from './faults.ts'
import { FaultWorld } from './faultWorld.ts'

const run = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })

/** Why there can be no namespace here. */
function problem(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make a network namespace with a link'
  try {
    run('netns', 'add', `bst-probe-${process.pid}`)
    run('netns', 'del', `bst-probe-${process.pid}`)
    return undefined
  } catch (error) {
    return `ip netns cannot make one: ${(error as Error).message.split('\n')[0]}`
  }
}

const HERE = '10.213.77.1'
const THERE = '10.213.77.2'

/** A namespace with one link to this machine, on which a relay leads to the port. */
class Link {
  readonly name = `bst-${process.pid}`
  readonly #near = `bsta${process.pid}`
  readonly #far = `bstb${process.pid}`
  readonly #relay
  port = 0

  constructor(target: number) {
    run('netns', 'add', this.name)
    run('link', 'add', this.#near, 'type', 'veth', 'peer', 'name', this.#far)
    run('link', 'set', this.#far, 'netns', this.name)
    run('addr', 'add', `${HERE}/30`, 'dev', this.#near)
    run('link', 'set', this.#near, 'up')
    run('-n', this.name, 'addr', 'add', `${THERE}/30`, 'dev', this.#far)
    run('-n', this.name, 'link', 'set', this.#far, 'up')
    run('-n', this.name, 'link', 'set', 'lo', 'up')
    this.#relay = createServer((incoming) => {
      const outgoing = connect(target, '127.0.0.1')
      for (const [one, other] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        one.on('error', () => one.destroy())
        one.on('close', () => other.destroy())
        one.pipe(other)
      }
    })
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#relay.listen(0, HERE, resolve))
    this.port = (this.#relay.address() as AddressInfo).port
  }

  /** Resolves when it is up again. */
  async down(seconds: number): Promise<void> {
    run('link', 'set', this.#near, 'down')
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    run('link', 'set', this.#near, 'up')
  }

  close(): void {
    this.#relay.close()
    run('link', 'del', this.#near)
    run('netns', 'del', this.name)
  }
}

/** keepalive: seconds between its packets; three without an answer, and the line is given up. */
function linkDown(name: string, times: number, seconds: number, keepalive: number): Fault {
  const skip = problem()
  return {
    name,
    ...(skip !== undefined && { skip }),
    times,
    async open() {
      const world = new FaultWorld('far')
      await world.boot()
      const { workshop } = world
      const link = new Link(workshop.endpoint('box').port)
      await link.open()
      const { user, identityFile: key } = workshop.endpoint('box')
      const hostKey = readFileSync(workshop.cache('sandbox', 'box', 'host_key.pub'), 'utf8').trim()
      workshop.writeHome('.ssh/known_hosts', `[${HERE}]:${link.port} ${hostKey}\n`)
      workshop.writeHome('.ssh/config', `Host *\n  ServerAliveInterval ${keepalive}\n`)
      return {
        async close() {
          link.close()
          await world.close()
        },
        async once(index) {
          const value = world.next({ address: HERE, port: link.port, user, key })
          let up: Promise<void> | undefined
          const build = workshop.start(
            ['far'],
            (event) => {
              if (event.type === 'output' && event.line === `line ${4 + 5 * index}`) up ??= link.down(seconds)
            },
            ['ip', 'netns', 'exec', link.name],
          )
          const verdict = await world.judge(value, await build.ended)
          await up
          if (!up) verdict.why.push('the link was not down')
          return { ...verdict, recovered: verdict.why.length === 0 }
        },
      }
    },
  }
}

export const linkFaults: Fault[] = [
  linkDown('link down for 5 s (network namespace)', 3, 5, 30),
  linkDown('link down for 60 s, given up after 15 s and opened again', 2, 60, 5),
  linkDown('link down for 150 s, with the keepalive of 30 s that is the default', 1, 150, 30),
]

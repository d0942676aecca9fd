/** Faults between this machine and the host: the client dies, the connection is cut, the SSH server is started anew. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { parentOf } from '../../runner/sandbox/endpoint.ts'
import { type Relay, startRelay } from '../e2e/relay.ts'
import { servers } from '../e2e/servers.ts'
import type { Fault } from './faults.ts'
import { FaultWorld, LINES, type Verdict } from './faultWorld.ts'

/** A build takes some seconds more than its lines do. */
const BUILD_MILLISECONDS = (LINES / 10 + 3) * 1000

const killed: Fault = {
  name: 'client killed (SIGKILL) at a random moment, up to three times',
  times: 24,
  async open() {
    const world = new FaultWorld()
    await world.boot()
    return {
      close: () => world.close(),
      async once() {
        const value = world.next()
        for (let kills = 1 + Math.floor(Math.random() * 3); kills > 0; kills--) {
          const run = world.run()
          const timer = setTimeout(() => run.kill(), Math.random() * BUILD_MILLISECONDS)
          const ended = await run.ended
          clearTimeout(timer)
          // It was faster than its end: what was killed before may have needed less time.
          if (ended.code === 0) return world.judge(value, ended)
        }
        return world.judge(value, await world.run().ended)
      },
    }
  },
}

/** Cuts it in front of the given lines for so many seconds. */
function cut(name: string, times: number, cuts: (index: number) => Record<string, number>): Fault {
  return {
    name,
    times,
    async open() {
      const world = new FaultWorld('far')
      await world.boot()
      const relay = await startRelay(world.workshop.endpoint('box').port)
      return {
        async close() {
          relay.close()
          await world.close()
        },
        once: (index) => onceCut(world, relay, cuts(index)),
      }
    },
  }
}

async function onceCut(world: FaultWorld, relay: Relay, cuts: Record<string, number>): Promise<Verdict> {
  const value = world.next(throughPort(world, relay.port))
  const left = { ...cuts }
  const run = world.run((event) => {
    const seconds = left[event.line as string]
    if (event.type !== 'output' || seconds === undefined) return
    delete left[event.line as string]
    relay.cut(seconds)
  })
  const verdict = await world.judge(value, await run.ended)
  if (Object.keys(left).length > 0) verdict.why.push('it was not cut')
  return { ...verdict, recovered: verdict.why.length === 0 }
}

/** The sandbox under another name, as a machine that is somewhere. */
function throughPort({ workshop }: FaultWorld, port: number): object {
  const { address, user, identityFile: key } = workshop.endpoint('box')
  const hostKey = readFileSync(workshop.cache('sandbox', 'box', 'host_key.pub'), 'utf8').trim()
  workshop.writeHome('.ssh/known_hosts', `[127.0.0.1]:${port} ${hostKey}\n`)
  return { address, port, user, key }
}

const openSsh = servers.find(({ env }) => env.BUILD_STACK_SANDBOX_SERVER === 'openssh')

const restarted: Fault = {
  name: "sshd killed with its sessions and started anew (OpenSSH's)",
  ...(openSsh?.skip !== undefined && { skip: openSsh.skip }),
  times: 5,
  async open() {
    const world = new FaultWorld('far', openSsh?.env ?? {})
    await world.boot()
    return {
      close: () => world.close(),
      async once(index) {
        const value = world.next(throughPort(world, world.workshop.endpoint('box').port))
        let restarts = 0
        const run = world.run((event) => {
          if (event.type !== 'output' || event.line !== `line ${3 + 6 * index}` || restarts > 0) return
          restarts += 1
          restartSshd(world)
        })
        return world.judge(value, await run.ended)
      },
    }
  },
}

/** All of the world's sshds, the sessions' too; and a new one, in the namespaces of the old. */
function restartSshd({ workshop }: FaultWorld): void {
  const all = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid))
  const init = all.find((pid) => parentOf(Number(pid)) === workshop.endpoint('box').pid)
  const world = init && namespaceOf(init)
  const found = all.filter((pid) => /^(\S*\/)?sshd\b/.test(words(pid)) && namespaceOf(pid) === world)
  const listener = found.find((pid) => words(pid).includes('-D'))
  if (listener === undefined) throw new Error('the sandbox has no sshd')
  // Started with the killing, from outside: it outlives what it ends.
  const again = 'sleep 2; exec /usr/sbin/sshd -D -e -f /etc/ssh/sshd_config >/dev/null 2>&1 </dev/null'
  const namespaces = [`--target=${listener}`, '--mount', '--pid', '--root', '--wd=/']
  execFileSync('nsenter', [...namespaces, '--', '/bin/sh', '-c', `(setsid /bin/sh -c '${again}' &)`], {
    stdio: 'ignore',
  })
  for (const pid of found) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended with another one.
    }
  }
}

function words(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ')
  } catch {
    return ''
  }
}

/** Undefined for one that is gone. */
function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

export const lineFaults: Fault[] = [
  killed,
  cut('connection cut for an instant, twice in a build', 6, (index) => ({
    [`line ${2 + index}`]: 0,
    [`line ${20 + index}`]: 0,
  })),
  cut('connection refused for 3 to 10 s', 4, (index) => ({ [`line ${5 + index}`]: 3 + 2 * index })),
  cut('connection refused for 45 s, longer than the build', 1, () => ({ 'line 7': 45 })),
  restarted,
]

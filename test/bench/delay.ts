/**
 * A line with 80 ms from one end to the other and back, of whose packets 1% are lost: a run with nothing to do, against a bare
 * ssh2 script that connects and runs an empty command (a connection set-up). And 1,000 small files in one stream where a
 * round trip takes 26 ms.
 * The line is netem's, in a network namespace of its own, which needs root, iproute2 and a kernel that has netem. Elsewhere a
 * relay delays what passes; with root and nftables the packets to and from the relay are lost all the same, else none are.
 * Run it with: npm run bench -- delay
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../runner/paths.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import { uploadStream } from '../../runner/transports/upload.ts'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { Workshop } from '../e2e/workshop.ts'
import { nobodyThere } from '../transports/server.ts'
import { startOpenSsh } from '../transports/sshd.ts'
import { startDelayedRelay } from './delayedRelay.ts'
import { interleaved, judge, machine, median } from './measured.ts'

const ROUNDS = 9
const FILES = 1000
const BYTES = 1000
/** Of the process that runs in the namespace: its line. */
const INSIDE = 'BENCH_DELAY_INSIDE'

/** What delays, and what loses. */
type Line = 'netem' | 'relay and nftables' | 'relay alone, nothing is lost'

const inside = process.env[INSIDE] as Line | undefined
const line = inside ?? lineHere()
if (inside || line === 'relay alone, nothing is lost') {
  console.log(`${machine()}; the line: ${line}`)
  await measureNothingToDo()
  await measureFiles()
} else {
  const up = 'ip link set lo up && exec "$@"'
  const words = ['-n', 'sh', '-c', up, 'sh', process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const { status } = spawnSync('unshare', words, {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: line },
  })
  process.exitCode = status ?? 1
}

/** The best that can be had here. */
function lineHere(): Line {
  const can = (trial: string) => {
    const { status, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', trial], { encoding: 'utf8' })
    if (status !== 0) console.log(stderr.trim())
    return status === 0
  }
  if (can('ip link set lo up && tc qdisc add dev lo root netem delay 1ms')) return 'netem'
  return can(`ip link set lo up && ${losing(1, 1)}`) ? 'relay and nftables' : 'relay alone, nothing is lost'
}

/** Shell text: loses so many of a hundred packets to and from a port. */
function losing(port: number, loss: number): string {
  const drop = ['sport', 'dport'].map((side) => `tcp ${side} ${port} numgen random mod 100 < ${loss} drop`)
  const chain = ['chain arriving {', 'type filter hook input priority 0', ...drop, '}'].join('\n')
  return `nft 'table inet bench {\n${chain}\n}'`
}

/** Gives `work` a port that leads to the port over a line whose round trip takes so many milliseconds. */
async function over(
  port: number,
  { roundTrip, loss }: { roundTrip: number; loss: number },
  work: (port: number) => Promise<void>,
): Promise<void> {
  if (line === 'netem') {
    // Both directions pass through lo.
    const settings = ['delay', `${roundTrip / 2}ms`, 'loss', `${loss}%`, 'limit', '100000']
    execFileSync('tc', ['qdisc', 'replace', 'dev', 'lo', 'root', 'netem', ...settings])
    try {
      await work(port)
    } finally {
      execFileSync('tc', ['qdisc', 'del', 'dev', 'lo', 'root'])
    }
    return
  }
  const relay = await startDelayedRelay(port, roundTrip / 2)
  const loses = inside && loss > 0
  try {
    if (loses) execFileSync('sh', ['-c', losing(relay.port, loss)])
    await work(relay.port)
  } finally {
    if (loses) execFileSync('nft', ['delete table inet bench'])
    relay.close()
  }
}

async function measureNothingToDo(): Promise<void> {
  const workshop = new Workshop()
  try {
    workshop.write('recipes/tiny.yaml', tinyRecipe(packTiny(workshop.archives, '1.0')))
    const recipes = '    recipes: { tiny: "*" }\n'
    workshop.write('hosts.yaml', `hosts:\n  box:\n    address: sandbox\n${recipes}`)
    const { code, stdout } = await workshop.build('box')
    if (code !== 0) throw new Error(stdout)
    const { port: near, identityFile, knownHostsFile } = workshop.endpoint('box')
    await over(near, { roundTrip: 80, loss: 1 }, async (port) => {
      const known = readFileSync(knownHostsFile, 'utf8').replace(`:${near} `, `:${port} `)
      workshop.writeHome('.ssh/known_hosts', known)
      const far = `    address: 127.0.0.1\n    port: ${port}\n    user: root\n    key: ${identityFile}\n`
      workshop.write('hosts.yaml', `hosts:\n  far:\n${far}${recipes}`)
      // The relay is in this process.
      const node =
        (...words: string[]) =>
        () =>
          promisify(execFile)(process.execPath, words, { env: workshop.env })
      const bare = join(packageRoot, 'test', 'bench', 'bareSsh.mjs')
      const hostKey = workshop.cache('sandbox', 'box', 'host_key.pub')
      const main = [join(packageRoot, '.build', 'main.js'), '-C', workshop.project, 'far']
      const times = await interleaved(
        {
          'connection set-up': node(bare, `${port}`, identityFile, hostKey, '1'),
          'nothing to do': node(...main),
          '--dry-run': node(...main, '--dry-run'),
        },
        ROUNDS,
      )
      for (const [name, list] of Object.entries(times))
        console.log(`${name.padEnd(18)} ${median(list).toFixed(0)} ms`)
      const setUp = median(times['connection set-up'])
      judge('80 ms: nothing to do, in connection set-ups', median(times['nothing to do']) / setUp, 2)
      judge('80 ms: --dry-run, in connection set-ups', median(times['--dry-run']) / setUp, 2)
    })
  } finally {
    await workshop.close()
  }
}

async function measureFiles(): Promise<void> {
  const sshd = await startOpenSsh()
  if (!sshd) return
  try {
    const there = join(sshd.folder, 'there')
    mkdirSync(there)
    const entries = Array.from({ length: FILES }, (_, index) => ({
      path: `part${index % 10}/file${index}`,
      mode: 0o644,
      content: Buffer.alloc(BYTES, `${index} `),
    }))
    await over(sshd.port, { roundTrip: 26, loss: 0 }, async (port) => {
      const known = join(sshd.folder, 'known_far')
      writeFileSync(known, `[127.0.0.1]:${port} ${readFileSync(join(sshd.folder, 'host.pub'), 'utf8')}`)
      const target = sshd.target({ port, knownHostsFiles: [known] })
      const upload = async () => {
        const transport = await connectSsh(target, nobodyThere)
        const { code } = await uploadStream(transport, entries, `cd ${there} && tar xof -`)
        await transport.close()
        if (code !== 0) throw new Error(`tar ended with ${code}`)
      }
      const times = await interleaved({ upload }, ROUNDS)
      const last = join(there, `part${(FILES - 1) % 10}`, `file${FILES - 1}`)
      if (readFileSync(last).length !== BYTES) throw new Error('the last file is not whole')
      judge(`26 ms: seconds for ${FILES} files, connection included`, median(times.upload) / 1000, 2)
    })
  } finally {
    sshd.stop()
  }
}

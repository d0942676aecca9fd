/**
 * 100 MB to OpenSSH's sshd on this machine: ours (connection included) against scp and a plain `ssh cat`,
 * alternating. Run it with: node --import tsx test/bench/upload.ts
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectSsh } from '../../runner/transports/ssh.ts'
import { uploadStream } from '../../runner/transports/upload.ts'
import { nobodyThere } from '../transports/server.ts'
import { startOpenSsh } from '../transports/sshd.ts'

const BYTES = 100_000_000
const ROUNDS = 11

const sshd = await startOpenSsh()
if (sshd) {
  const file = join(sshd.folder, 'big')
  writeFileSync(file, randomBytes(BYTES))
  const there = join(sshd.folder, 'there')
  mkdirSync(there)
  const { identityFiles, knownHostsFiles, user, address, port } = sshd.target()
  const ssh = [
    '-q',
    '-F',
    'none',
    '-i',
    `${identityFiles[0]}`,
    '-o',
    `UserKnownHostsFile=${knownHostsFiles[0]}`,
  ]

  const ways: Record<string, () => Promise<void> | void> = {
    async ours() {
      const transport = await connectSsh(sshd.target(), nobodyThere)
      const entries = [{ path: 'ours', mode: 0o644, content: { file, size: BYTES } }]
      const { code } = await uploadStream(transport, entries, `cd ${there} && tar xof -`)
      if (code !== 0) throw new Error(`tar ended with ${code}`)
      await transport.close()
    },
    scp() {
      execFileSync('scp', [...ssh, '-P', `${port}`, file, `${user}@${address}:${there}/scp`])
    },
    'ssh cat'() {
      execFileSync('sh', [
        '-c',
        'file=$1; shift; exec "$@" <"$file"',
        'sh',
        file,
        'ssh',
        ...ssh,
        '-p',
        `${port}`,
        `${user}@${address}`,
        `cat >${there}/cat`,
      ])
    },
  }
  const times: Record<string, number[]> = {}
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(ways)) {
      const start = performance.now()
      await run()
      times[name] = [...(times[name] ?? []), (performance.now() - start) / 1000]
    }
  }
  const median = (name: string) => times[name]?.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number
  const verdict = median('ours') <= median('scp') ? 'pass' : 'FAIL'
  if (verdict === 'FAIL') process.exitCode = 1
  for (const name of Object.keys(ways)) {
    const seconds = median(name)
    const ratio = (median('ours') / seconds).toFixed(2)
    console.log(
      `${name.padEnd(8)} ${seconds.toFixed(2)} s  ${(BYTES / 1e6 / seconds).toFixed(0).padStart(4)} MB/s  ours/${name} ${ratio}`,
    )
  }
  console.log(`${verdict}  ours / scp: ${(median('ours') / median('scp')).toFixed(2)} (at most 1)`)
  sshd.stop()
}

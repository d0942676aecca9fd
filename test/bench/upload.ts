/**
 * 100 MB to OpenSSH's sshd on this machine: ours against scp, from the start of the connection to its end. Ours is bundled as
 * the program is, so it has the same cryptography (Node's: the bundle has no native part of ssh2), in a fresh process each
 * time; what Node takes to start, which a run has to spend anyway, is shown and not judged. Its stream is a tar archive
 * that tar unpacks there. scp is as it comes, and with our cipher for comparison.
 * "checked": the SHA-256 is taken there too, as a run does before it unpacks an archive; for scp on a second connection.
 * Run it with: npm run bench -- upload
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'
import { startOpenSsh } from '../transports/sshd.ts'
import { interleaved, judge, machine, median } from './measured.ts'

const BYTES = 100_000_000
const ROUNDS = 9
const LIMIT = 1

const sshd = await startOpenSsh()
if (sshd) {
  try {
    await measure(sshd)
  } finally {
    sshd.stop()
  }
}

async function measure({ folder, target }: NonNullable<typeof sshd>): Promise<void> {
  const content = randomBytes(BYTES)
  const file = join(folder, 'big')
  writeFileSync(file, content)
  const there = join(folder, 'there')
  mkdirSync(there)
  const script = join(folder, 'uploadOurs.js')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  execFileSync(process.execPath, ['.esbuild.mjs', 'test/bench/uploadOurs.ts', script], { cwd: packageRoot })

  const { identityFiles, knownHostsFiles, user, address, port } = target()
  const ssh = [
    '-q',
    '-F',
    'none',
    '-i',
    `${identityFiles[0]}`,
    '-o',
    `UserKnownHostsFile=${knownHostsFiles[0]}`,
  ]
  const sum = (name: string) =>
    `cd ${there} && echo '${createHash('sha256').update(content).digest('hex')}  ${name}' | sha256sum -c --quiet -`
  const unpack = `cd ${there} && tar xof -`
  const started: number[] = []
  const ours = (command: string): number => {
    const start = performance.now()
    const words = [script, JSON.stringify(target()), file, `${BYTES}`, command]
    const took = Number(execFileSync(process.execPath, words, { encoding: 'utf8' }))
    started.push(performance.now() - start - took)
    return took
  }
  const scp = (...more: string[]) =>
    execFileSync('scp', [...ssh, ...more, '-P', `${port}`, file, `${user}@${address}:${there}/scp`])

  const times = await interleaved(
    {
      ours: () => ours(unpack),
      scp: () => scp(),
      'scp -c aes128-gcm': () => scp('-c', 'aes128-gcm@openssh.com'),
      'ours, checked': () => ours(`${unpack} && ${sum('ours')}`),
      'scp, checked': () => {
        scp()
        // By scp there is nothing to run it with.
        execFileSync('ssh', [...ssh, '-p', `${port}`, `${user}@${address}`, sum('scp')])
      },
    },
    ROUNDS,
  )
  console.log(machine())
  for (const [name, list] of Object.entries(times)) {
    const seconds = median(list) / 1000
    const rate = (BYTES / 1e6 / seconds).toFixed(0)
    console.log(
      `${name.padEnd(18)} ${seconds.toFixed(2)} s  ${rate.padStart(4)} MB/s  (best ${(Math.min(...list) / 1000).toFixed(2)} s)`,
    )
  }
  console.log(`Node's start, beside it  ${(median(started) / 1000).toFixed(2)} s`)
  judge('100 MB: ours / scp', median(times.ours) / median(times.scp), LIMIT)
  judge('100 MB, checked: ours / scp', median(times['ours, checked']) / median(times['scp, checked']), LIMIT)
}

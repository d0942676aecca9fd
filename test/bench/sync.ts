/**
 * Syncing 20,000 small files and 5 large ones to Ceph's S3 server on this machine: ours against rclone and s3cmd, first and again
 * with nothing changed; ours with a HEAD for each object, a checked cache and a trusted one; memory with 200,000 files.
 * Run it with: npm run bench -- sync; with another number of files: npm run build && node --import tsx test/bench/sync.ts FILES
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'
import { s3Server, withoutS3 } from '../s3/cephServer.ts'
import { Studio } from '../sync/studio.ts'
import { judge, machine } from './measured.ts'

const FILES = Number(process.argv[2] ?? 20_000)
const LARGE = 5
const LARGE_BYTES = 50_000_000
const MANY = FILES * 10
/** Exit status of a dry run with something to do. */
const PENDING = 2

interface Measured {
  seconds: number
  /** Of the processor, to the next 20 ms; the server's are not in it. */
  cpuSeconds: number
  /** Largest resident set. */
  megabytes: number
}

/** Of the kernel's figures for processes. */
const TICKS_A_SECOND = 100

/** User and system, of a line of /proc/PID/stat. */
function cpuSecondsOf(stat: string): number {
  // Behind the program's name, which may have anything in it: the state first, then 10 others.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/** Wall clock of a program that must succeed; its peak memory and its processor time as the kernel last said them. */
async function measured(argv: string[], env: NodeJS.ProcessEnv, expected = 0): Promise<Measured> {
  const started = performance.now()
  const [program = '', ...words] = argv
  const child = spawn(program, words, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (piece: Buffer) => {
    errors += piece
  })
  let kilobytes = 0
  let cpuSeconds = 0
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      kilobytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? kilobytes)
      cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(readFileSync(`/proc/${child.pid}/stat`, 'utf8')))
    } catch {
      // It has just ended.
    }
  }, 20)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(look)
  if (code !== expected) throw new Error(`${argv.join(' ')} ended with ${code}\n${errors.slice(-2000)}`)
  return { seconds: (performance.now() - started) / 1000, cpuSeconds, megabytes: kilobytes / 1024 }
}

function makeTree(root: string, files: number): void {
  for (let i = 0; i < files; i++) {
    const folder = join(root, `d${Math.floor(i / 200)}`)
    if (i % 200 === 0) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `file ${i}.txt`), `${i} `.repeat(1 + (i % 400)))
  }
}

async function main(): Promise<void> {
  const lacking = withoutS3()
  if (lacking !== undefined) {
    console.log(`skipped: ${lacking}`)
    return
  }
  // As much as S3 gives in one answer.
  await s3Server({ page: 1000 })
  const studio = await Studio.open()
  const { server, workshop, root } = studio
  // rclone of Debian cannot do with AWS_CA_BUNDLE.
  const { AWS_CA_BUNDLE: _, ...inherited } = workshop.env
  const env = { ...inherited, HOME: workshop.home }
  const results = new Map<string, Measured>()
  const note = async (name: string, argv: string[]) => {
    const one = await measured(argv, env)
    results.set(name, one)
    console.log(
      `${name.padEnd(34)} ${one.seconds.toFixed(2).padStart(8)} s  ${one.cpuSeconds.toFixed(2).padStart(7)} s of cpu  ${one.megabytes.toFixed(0).padStart(5)} MB`,
    )
  }
  const ours = (...words: string[]) => [
    ...[process.execPath, join(packageRoot, '.build', 'main.js'), '-C', workshop.project, 'sync'],
    ...words,
    '--quiet',
  ]
  const rclone = (() => {
    const access = `access_key_id=${server.accessKeyId},secret_access_key=${server.secretAccessKey}`
    const remote = `:s3,provider=Ceph,${access},endpoint='${server.endpoint}':${studio.bucket}-rclone`
    return ['rclone', 'sync', root, remote]
  })()
  const place = server.endpoint.replace('http://', '')
  const s3cmd = [
    ...['s3cmd', '--no-ssl', `--host=${place}`, `--host-bucket=${place}`, '--no-progress', '--quiet'],
    ...[`--access_key=${server.accessKeyId}`, `--secret_key=${server.secretAccessKey}`],
    ...['sync', `${root}/`, `s3://${studio.bucket}-s3cmd/`],
  ]
  for (const name of ['rclone', 's3cmd']) (await server.bucket(`${studio.bucket}-${name}`)).close()

  makeTree(root, FILES)
  for (let i = 0; i < LARGE; i++) writeFileSync(join(root, `large${i}`), randomBytes(LARGE_BYTES))
  console.log(machine())
  console.log(`${FILES} small files, ${LARGE} of ${LARGE_BYTES / 1e6} MB`)
  await note('ours, first', ours('media'))
  await note('rclone, first', rclone)
  await note('s3cmd, first', s3cmd)
  await note('ours again, checked cache', ours('media'))
  await note('ours again, trusted cache', ours('media', '--no-rebuild-cache'))
  studio.profile({ cache: false }, 'uncached')
  await note('ours again, HEAD for each', ours('uncached'))
  await note('rclone again', rclone)
  await note('s3cmd again', s3cmd)

  const seconds = (name: string) => results.get(name)?.seconds ?? Number.NaN
  for (const other of ['rclone', 's3cmd']) {
    judge(`${other}, first / ours, first`, seconds(`${other}, first`) / seconds('ours, first'), 1, 'at least')
    const again = seconds(`${other} again`) / seconds('ours again, checked cache')
    judge(`${other} again / ours again, checked cache`, again, 1, 'at least')
  }
  // The notes' script, over the network of its time: 67 and 490.
  for (const cache of ['checked', 'trusted']) {
    const ratio = seconds('ours again, HEAD for each') / seconds(`ours again, ${cache} cache`)
    judge(`HEAD for each / ${cache} cache`, ratio, 1, 'at least')
  }

  // What a plan for ten times as many files takes: nothing is put.
  const many = join(workshop.folder, 'many')
  makeTree(many, MANY)
  studio.profile({ roots: [many], prefix: 'many/' }, 'many')
  const { megabytes, seconds: planned } = await measured(ours('many', '--dry-run'), env, PENDING)
  console.log(`dry run of ${MANY} files: ${planned.toFixed(2)} s, ${megabytes.toFixed(0)} MB`)
  studio.close()
}

await main()

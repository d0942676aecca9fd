/**
 * A real S3 server on loopback: Ceph's RADOS Gateway from Debian, with a monitor and a store in memory of its own. Chosen
 * because it is what people run, holds conditional writes, versions, multipart, ACLs and paged listings, and needs no root.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../runner/s3/client.ts'
import type { ObjectStore } from '../../runner/s3/objectStore.ts'
import { freePort } from '../e2e/tcp.ts'

const PROGRAMS = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph', 'ceph-authtool', 'monmaptool', 'radosgw-admin']
const START_SECONDS = 90
const ACCESS = { accessKeyId: 'TESTKEY', secretAccessKey: 'a-secret-of-tests' }

export interface ServerOptions {
  /** Gives credentials for a session, and then is less exact about what is wrong with others. */
  sessions?: boolean
  /** Objects in one answer to a listing; few without it, so that a test needs few for several answers. */
  page?: number
}

const SMALL_PAGE = 50
const SESSIONS = 'rgw sts key = "0123456789abcdef"\nrgw s3 auth use sts = true\n'

export type Credentials = Readonly<typeof ACCESS>

export interface S3Server extends Credentials {
  endpoint: string
  port: number
  /** A bucket of its own, made. */
  bucket(name: string): Promise<ObjectStore>
  /** Another account, which may do nothing with the others' buckets. */
  account(name: string): Promise<Credentials>
  /** Credentials for an hour, of a role that this account may take on and that may do everything; asked for with curl, of a server with sessions. */
  session(): Promise<Credentials & { sessionToken: string }>
}

/** Why there can be none here; undefined when there can. */
export function withoutS3(): string | undefined {
  const lacking = PROGRAMS.filter((name) => !existsSync(`/usr/bin/${name}`))
  return lacking.length === 0
    ? undefined
    : `there is no ${lacking[0]} (apt-get install radosgw ceph-mon ceph-osd ceph-common)`
}

let shared: Promise<S3Server> | undefined

/**
 * One for all tests of a process, each with buckets of its own. It ends with the process. The options are those of the first call.
 */
export function s3Server(options: ServerOptions = {}): Promise<S3Server> {
  shared ??= start(options)
  return shared
}

async function start(options: ServerOptions): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-ceph-'))
  const server = new Cluster(folder, await freePort(), await freePort(), options)
  process.once('exit', () => server.end())
  await server.start()
  return server
}

class Cluster implements S3Server {
  readonly endpoint: string
  readonly accessKeyId = ACCESS.accessKeyId
  readonly secretAccessKey = ACCESS.secretAccessKey
  readonly port: number
  readonly #folder: string
  readonly #monitor: number
  readonly #children: ChildProcess[] = []
  readonly #options: ServerOptions

  constructor(folder: string, monitor: number, port: number, options: ServerOptions) {
    this.#options = options
    this.#folder = folder
    this.#monitor = monitor
    this.port = port
    this.endpoint = `http://127.0.0.1:${port}`
  }

  async start(): Promise<void> {
    const [cluster, disk] = [randomUUID(), randomUUID()]
    for (const name of ['mon', 'osd', 'run']) mkdirSync(join(this.#folder, name))
    writeFileSync(join(this.#folder, 'ceph.conf'), this.#settings(cluster))
    const keyring = join(this.#folder, 'keyring')
    const key = (...words: string[]) => this.#run('ceph-authtool', keyring, '--gen-key', ...words)
    key('--create-keyring', '-n', 'mon.', '--cap', 'mon', 'allow *')
    key('-n', 'client.admin', '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *')
    key('-n', 'osd.0', '--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *')
    const map = join(this.#folder, 'monmap')
    const address = `[v2:127.0.0.1:${this.#monitor}/0]`
    this.#run('monmaptool', '--create', '--fsid', cluster, '--addv', 'a', address, map)
    this.#run('ceph-mon', '-i', 'a', '--mkfs', '--monmap', map, '--keyring', keyring)
    this.#spawn('ceph-mon', '-i', 'a', '-f')
    this.#run('ceph', '--connect-timeout', String(START_SECONDS), 'auth', 'add', 'osd.0', '-i', keyring)
    this.#run('ceph', 'osd', 'new', disk, '0')
    this.#run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', disk)
    this.#spawn('ceph-osd', '-i', '0', '-f')
    this.#spawn('radosgw', '-n', 'client.admin', '-f')
    await this.#answers()
    this.#addUser('tests', ACCESS)
  }

  async account(name: string): Promise<Credentials> {
    const access = { accessKeyId: name.toUpperCase(), secretAccessKey: `the secret of ${name}` }
    this.#addUser(name, access)
    return access
  }

  async bucket(name: string): Promise<ObjectStore> {
    const store = openStore({ bucket: name, endpoint: this.endpoint, ...ACCESS })
    await store.createBucket(undefined)
    return store
  }

  /** Synchronous: it is called when the process ends. */
  end(): void {
    for (const { pid } of this.#children) if (pid !== undefined) killNow(pid)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async session(): Promise<Credentials & { sessionToken: string }> {
    const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    const trust = {
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam:::user/tests'] },
      Action: ['sts:AssumeRole'],
    }
    const rights = { Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] }
    const role = ['--role-name', 'visitor']
    this.#admin('role', 'create', ...role, '--assume-role-policy-doc', policy(trust))
    this.#admin('role-policy', 'put', ...role, '--policy-name', 'all', '--policy-doc', policy(rights))
    const words =
      'Action=AssumeRole&Version=2011-06-15&RoleSessionName=tests&RoleArn=arn:aws:iam:::role/visitor'
    const signed = [
      '--aws-sigv4',
      'aws:amz:us-east-1:sts',
      '--user',
      `${ACCESS.accessKeyId}:${ACCESS.secretAccessKey}`,
    ]
    const answer = execFileSync('curl', ['-sS', ...signed, '-d', words, `${this.endpoint}/`], {
      encoding: 'utf8',
    })
    const value = (name: string) => new RegExp(`<${name}>(.+?)</${name}>`).exec(answer)?.[1] ?? ''
    const [accessKeyId, secretAccessKey] = [value('AccessKeyId'), value('SecretAccessKey')]
    return { accessKeyId, secretAccessKey, sessionToken: value('SessionToken') }
  }

  #addUser(name: string, { accessKeyId, secretAccessKey }: Credentials): void {
    const user = ['--uid', name, '--display-name', name]
    const keys = ['--access-key', accessKeyId, '--secret-key', secretAccessKey]
    this.#admin('user', 'create', ...user, ...keys)
  }

  #admin(...words: string[]): void {
    this.#run('radosgw-admin', '-n', 'client.admin', ...words)
  }

  async #answers(): Promise<void> {
    const end = Date.now() + START_SECONDS * 1000
    for (;;) {
      const answer = await fetch(this.endpoint).catch(() => undefined)
      if (answer?.ok) return
      if (Date.now() > end) throw new Error(`radosgw did not start within ${START_SECONDS} s`)
      await sleep(200)
    }
  }

  #run(program: string, ...words: string[]): void {
    execFileSync(program, words, { env: this.#env(), stdio: ['ignore', 'ignore', 'pipe'] })
  }

  #spawn(program: string, ...words: string[]): void {
    const log = openSync(join(this.#folder, `${program}.out`), 'w')
    const child = spawn(program, words, { env: this.#env(), stdio: ['ignore', log, log] })
    // The tests end without waiting for it.
    child.unref()
    this.#children.push(child)
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, CEPH_CONF: join(this.#folder, 'ceph.conf') }
  }

  #settings(cluster: string): string {
    const f = this.#folder
    return `[global]
fsid = ${cluster}
mon host = [v2:127.0.0.1:${this.#monitor}/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
keyring = ${f}/keyring
run dir = ${f}/run
admin socket = ${f}/run/$name.asok
pid file = ${f}/run/$name.pid
log file = ${f}/$name.log
crash dir = ${f}/run
mon data = ${f}/mon
osd data = ${f}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd max object name len = 2048
rgw frontends = beast endpoint=127.0.0.1:${this.port}
rgw thread pool size = 64
rgw max listing results = ${this.#options.page ?? SMALL_PAGE}
${this.#options.sessions ? SESSIONS : ''}rgw enable gc threads = false
rgw enable lc threads = false
rgw run sync thread = false
rgw dynamic resharding = false
`
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

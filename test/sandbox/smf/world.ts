/** A small world for the SMF's tests: a temp folder as root, programs of this machine, the client under its four names. */
import { execFile, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../../runner/paths.ts'
import { createSmf, type Smf } from '../../../runner/sandbox/smf/index.ts'
import type { World } from '../../../runner/sandbox/world.ts'

export interface Result {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  stdin?: string
  cwd?: string
  env?: Record<string, string>
  /** The shell that runs the client; /bin/sh without it. */
  shell?: string[]
}

export interface TestWorld extends World {
  smf: Smf
  /** Runs svcs, svcadm, svccfg or svcprop as a user of the world would. */
  run(name: string, args: string[], options?: RunOptions): Promise<Result>
  /** Path on this machine of a path in the world. */
  path(path: string): string
  /** Writes a file into the world; mode 755 for scripts. */
  write(path: string, text: string): string
  /** Boots it anew: what was not stopped orderly is as after a power loss. */
  restart(): Promise<void>
  /** Waits for the states of an instance, as "state,next". Fails after some seconds with the service's log. */
  reaches(fmri: string, state: string): Promise<void>
  log(fmri: string): string
  close(): Promise<void>
}

/** Without a reaper, processes are found by their marks alone, as where there is no perl. */
export async function makeWorld(options: { reaper?: boolean } = {}): Promise<TestWorld> {
  const root = mkdtempSync(join(tmpdir(), 'smf-world-'))
  const stateFolder = join(root, '.state')
  const path = (inside: string) => join(root, inside)
  const write = (inside: string, text: string) => {
    mkdirSync(dirname(path(inside)), { recursive: true })
    writeFileSync(path(inside), text)
    chmodSync(path(inside), 0o755)
    return path(inside)
  }
  write('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/sh\n')
  write('/etc/group', 'root:x:0:\nnogroup:x:65534:\n')
  mkdirSync(path('/root'))
  // Nobody is in a chroot here: folders that the client names begin with the root.
  mkdirSync(dirname(path(root)), { recursive: true })
  symlinkSync('/', path(root))
  // Methods run this machine's programs; in the world they only need to be there.
  for (const program of ['sh', 'sleep', 'echo', 'true']) write(`/bin/${program}`, '')
  if (options.reaper ?? true) write('/usr/bin/perl', '')
  for (const name of ['svcs', 'svcadm', 'svccfg', 'svcprop'])
    symlinkSync(join(packageRoot, 'runner/sandbox/commands/smf-client.sh'), path(name))

  const spawnInWorld: World['spawn'] = ([program, ...args], options) => {
    // This machine may have no /sbin/sh; a Solaris-like world has.
    const words = args.map((word) => word.replace(/^(.*exec )?\/sbin\/sh/s, '$1/bin/sh'))
    const child = spawn(program === '/sbin/sh' ? '/bin/sh' : program, words, {
      env: { ...options.env, ROOT: root },
      cwd: path(options.cwd),
      stdio: options.stdio,
      detached: options.detached ?? false,
      ...(options.user === undefined || process.getuid?.() !== 0 ? {} : { uid: uidOf(options.user) }),
    })
    return child
  }
  const world: TestWorld = {
    root,
    spawn: spawnInWorld,
    smf: undefined as unknown as Smf,
    path,
    write,
    run: (name, args, options = {}) => run(root, name, args, options),
    log: (fmri) => readLog(root, fmri),
    async reaches(fmri, state) {
      const end = Date.now() + 8000
      for (let last = ''; ; await new Promise((r) => setTimeout(r, 20))) {
        const { stdout } = await run(root, 'svcs', ['-H', '-o', 'state,nstate', fmri], {})
        last = stdout.trim().replace(/\s+/g, ',')
        if (last === `${state},-`) return
        if (Date.now() > end) throw new Error(`${fmri} is ${last}, not ${state}:\n${readLog(root, fmri)}`)
      }
    },
    async restart() {
      world.smf = createSmf(world, { stateFolder })
      await world.smf.start()
    },
    async close() {
      await world.smf.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
  await world.restart()
  return world
}

function uidOf(name: string): number {
  return name === 'root' || name === '0' ? 0 : 65534
}

function readLog(root: string, fmri: string): string {
  const name = fmri.replace(/^svc:\//, '').replaceAll('/', '-')
  try {
    return readFileSync(join(root, 'var/svc/log', `${name}.log`), 'utf8')
  } catch {
    return ''
  }
}

function run(root: string, name: string, args: string[], options: RunOptions): Promise<Result> {
  const [shell = '/bin/sh', ...shellArgs] = options.shell ?? []
  return new Promise((resolve) => {
    const child = execFile(
      shell,
      [...shellArgs, join(root, name), ...args],
      {
        cwd: options.cwd ? join(root, options.cwd) : root,
        env: { PATH: '/usr/bin:/bin', ...options.env, SANDBOX_SMF_ROOT: root },
        maxBuffer: 1 << 26,
      },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 255) : 0, stdout, stderr }),
    )
    // Most calls read no input and are gone before it comes.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.stdin ?? '')
  })
}

export interface ManifestParts {
  start?: string
  stop?: string
  /** Further children of service, by place: before the methods, after them, in the instance. */
  dependencies?: string
  context?: string
  refresh?: string
  groups?: string
  duration?: string
  enabled?: boolean
  timeout?: number
  template?: string
}

export function manifest(name: string, parts: ManifestParts = {}): string {
  const { start = ':true', stop = ':true', timeout = 5 } = parts
  const method = (method: string, exec: string) =>
    `<exec_method type="method" name="${method}" exec="${attribute(exec)}" timeout_seconds="${timeout}"/>`
  return `<?xml version="1.0"?>
<!DOCTYPE service_bundle SYSTEM "/usr/share/lib/xml/dtd/service_bundle.dtd.1">
<service_bundle type="manifest" name="${name}">
<service name="${name}" type="service" version="1">
  <create_default_instance enabled="${parts.enabled ?? false}"/>
  ${parts.dependencies ?? ''}
  ${parts.context ?? ''}
  ${method('start', start)}
  ${method('stop', stop)}
  ${parts.refresh === undefined ? '' : method('refresh', parts.refresh)}
  <property_group name="startd" type="framework">
    <propval name="duration" type="astring" value="${parts.duration ?? 'contract'}"/>
  </property_group>
  ${parts.groups ?? ''}
  ${parts.template ?? ''}
</service>
</service_bundle>
`
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}

/** resume.sh, and job.sh with it: what a later job keeps of an earlier one in the same build folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type JobFolder, JobWorld, TOKEN } from './jobFolder.ts'
import { type Shell, shells } from './shells.ts'

const test = suite('host/resume.sh')

/** Name of a step -> its key, and its script, which runs in the build folder. */
type Steps = Record<string, [key: string, kind: 'again' | 'once', script: string]>

class Build {
  readonly world = new JobWorld()
  readonly place = join(this.world.work, 'builds', "it's 1.0")
  readonly #shell: Shell

  constructor(shell: Shell) {
    this.#shell = shell
  }

  job(steps: Steps, more: { from?: string; needs?: string[]; env?: Record<string, string> } = {}): JobFolder {
    const place = `'${this.place.replaceAll("'", `'\\''`)}'`
    const scripts = Object.entries(steps).map(([name, [, , script]]) => [
      name,
      `cd ${place} || exit 1\n${script}`,
    ])
    const job = this.world.job(
      this.#shell,
      { ...Object.fromEntries(scripts), '90-last': 'echo last' },
      more.env,
    )
    job.write('build-folder', `${this.place}\n`)
    const keyed = Object.entries(steps).map(([name, [key, kind]]) => `${name} ${key} ${kind}\n`)
    job.write('keyed', keyed.join(''))
    job.write('needs', (more.needs ?? []).map((path) => `${path}\n`).join(''))
    if (more.from) job.write('from', `${more.from}\n`)
    return job
  }

  in(...parts: string[]): string {
    return join(this.place, ...parts)
  }

  made(): string[] {
    return readdirSync(this.in('build')).sort()
  }

  read(path: string): string {
    return readFileSync(this.in(path), 'utf8')
  }
}

function own(title: string, body: (build: Build) => Promise<void>): void {
  test(title, async () => {
    const runs = shells.map(async (shell) => {
      const build = new Build(shell)
      try {
        await body(build)
      } catch (error) {
        if (error instanceof Error) error.message = `${shell.name}: ${error.message}`
        throw error
      } finally {
        await build.world.close()
      }
    })
    const failed = (await Promise.allSettled(runs)).find((run) => run.status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  })
}

/** "kept NAME" and "step NAME" of its log, in order. */
const course = (job: JobFolder) =>
  [...job.log.matchAll(new RegExp(`\x1e${TOKEN} TIME ((?:kept|step) \\S+)`, 'g'))].map((found) => found[1])

const count = (file: string) => `echo x >>"../count.${file}"`
const unpack = 'rm -rf build; mkdir -p build; echo source >build/source'
/** Makes two objects, and fails in the middle unless it may. */
const make =
  'cd build; [ -f one.o ] || { echo made >>made; echo 1 >one.o; }; [ -f ../may ] || exit 2; echo 2 >two.o'

const steps = (change: Partial<Steps> = {}): Steps => ({
  '01-unpack': ['a', 'again', unpack],
  '02-configure': ['b', 'again', `${count('configure')}; echo makefile >build/Makefile`],
  '03-build': ['c', 'again', make],
  ...(change as Steps),
})

own('a step that failed goes on where it was; those before it are kept', async (build) => {
  const first = build.job(steps())
  await first.run()
  assert.is(first.read('exit'), '2\n')
  writeFileSync(build.in('may'), '')
  const second = build.job(steps())
  await second.run()
  assert.is(second.read('exit'), '0\n')
  assert.equal(course(second), ['kept 01-unpack', 'kept 02-configure', 'step 03-build', 'step 90-last'])
  assert.match(second.log, /^going on where job-1 was\n/)
  assert.is(build.read('build/made'), 'made\n')
  assert.equal(build.made(), ['Makefile', 'made', 'one.o', 'source', 'two.o'])
  assert.is(readFileSync(join(build.world.work, 'builds/count.configure'), 'utf8'), 'x\n')
})

own('with other inputs of the step that failed, what it had made goes first', async (build) => {
  await build.job(steps()).run()
  writeFileSync(build.in('may'), '')
  const second = build.job(steps({ '03-build': ['other', 'again', `ls build >ls; ${make}`] }))
  await second.run()
  assert.is(second.read('exit'), '0\n')
  assert.equal(course(second).slice(0, 3), ['kept 01-unpack', 'kept 02-configure', 'step 03-build'])
  assert.is(build.read('ls'), 'Makefile\nsource\n')
})

own('what a killed step had made goes too: it may be half written', async (build) => {
  const first = build.job(
    steps({ '03-build': ['c', 'again', 'echo 1 >build/one.o; echo begun; echo $$ >pid; exec sleep 60'] }),
  )
  first.start()
  await first.until(() => first.has('log') && first.log.includes('begun') && existsSync(build.in('pid')))
  const [job, step] = [Number(first.read('pid')), Number(build.read('pid'))]
  process.kill(job, 'SIGKILL')
  const second = build.job(steps({ '03-build': ['c', 'again', 'ls build >ls'] }))
  await second.run()
  assert.is(second.read('exit'), '0\n')
  assert.equal(course(second).slice(0, 3), ['kept 01-unpack', 'kept 02-configure', 'step 03-build'])
  assert.is(build.read('ls'), 'Makefile\nsource\n')
  // And it does not go on beside the second.
  assert.not.ok(
    existsSync(`/proc/${step}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${step}/stat`, 'utf8')),
  )
})

own(
  'a changed step before it starts over from there, and one that changed the source in place from the beginning',
  async (build) => {
    await build.job(steps()).run()
    const other = build.job(
      steps({ '02-configure': ['new', 'again', 'ls build >ls'], '03-build': ['new2', 'again', make] }),
    )
    await other.run()
    assert.equal(course(other).slice(0, 2), ['kept 01-unpack', 'step 02-configure'])
    assert.is(build.read('ls'), 'source\n')
    const inPlace = 'echo changed >>build/source; exit 1'
    await build.job(steps({ '02-configure': ['new3', 'again', inPlace] })).run()
    const last = build.job(steps())
    await last.run()
    assert.equal(course(last).slice(0, 2), ['step 01-unpack', 'step 02-configure'])
    assert.match(last.log, /starting over/)
    assert.is(build.read('build/source'), 'source\n')
  },
)

own('a patch that failed, or would come later now, starts from the beginning', async (build) => {
  const patched = (key: string, script: string): Steps => ({
    '01-unpack': ['a', 'again', unpack],
    '02-patch': [key, 'once', script],
    '03-build': [`${key}c`, 'again', make],
  })
  await build.job(patched('p', 'echo half >>build/source; exit 1')).run()
  const second = build.job(patched('p', 'echo whole >>build/source'))
  await second.run()
  assert.equal(course(second).slice(0, 2), ['step 01-unpack', 'step 02-patch'])
  assert.is(build.read('build/source'), 'source\nwhole\n')
  // Applied, and not wanted any more.
  const third = build.job(steps({ '02-configure': ['b', 'again', ':'] }))
  await third.run()
  assert.equal(course(third).slice(0, 2), ['step 01-unpack', 'step 02-configure'])
  assert.is(build.read('build/source'), 'source\n')
})

own(
  '--from begins earlier, at the first step too; a failure after the last step keeps all',
  async (build) => {
    await build.job(steps()).run()
    const from = build.job(steps(), { from: '02-configure' })
    await from.run()
    assert.equal(course(from).slice(0, 2), ['kept 01-unpack', 'step 02-configure'])
    writeFileSync(build.in('may'), '')
    const anew = build.job(steps(), { from: '01-unpack' })
    await anew.run()
    assert.equal(course(anew).slice(0, 1), ['step 01-unpack'])
    writeFileSync(build.in('may'), '')
    await build.job(steps()).run()
    const all = build.job(steps())
    await all.run()
    assert.equal(course(all), ['kept 01-unpack', 'kept 02-configure', 'kept 03-build', 'step 90-last'])
  },
)

own('nothing is kept when a library that it needs was installed since', async (build) => {
  const receipt = join(build.world.work, 'library.json')
  writeFileSync(receipt, '')
  const past = new Date(Date.now() - 60_000)
  utimesSync(receipt, past, past)
  await build.job(steps(), { needs: [receipt] }).run()
  const same = build.job(steps(), { needs: [receipt] })
  await same.run()
  assert.is(course(same)[0], 'kept 01-unpack')
  const later = new Date(Date.now() + 1000)
  utimesSync(receipt, later, later)
  const changed = build.job(steps(), { needs: [receipt] })
  await changed.run()
  assert.is(course(changed)[0], 'step 01-unpack')
  assert.match(changed.log, /library\.json has changed since; starting over/)
})

own('nothing is kept of what was done on a full disk', async (build) => {
  const bin = join(build.world.work, 'bin')
  mkdirSync(bin)
  // What dd says of a full disk; the job's own reserve comes of it too.
  writeFileSync(join(bin, 'dd'), '#!/bin/sh\necho "No space left on device" >&2\nexit 1\n', { mode: 0o755 })
  const full = build.job(steps(), { env: { PATH: `${bin}:${process.env.PATH}` } })
  await full.run()
  assert.match(full.log, /there is no room left in .*: the next build starts over/)
  const next = build.job(steps())
  await next.run()
  assert.is(course(next)[0], 'step 01-unpack')
})

own('what was changed by hand is put aside', async (build) => {
  await build.job(steps()).run()
  writeFileSync(build.in('edited'), '')
  writeFileSync(build.in('build/by-hand'), 'mine')
  const next = build.job(steps())
  await next.run()
  assert.is(course(next)[0], 'step 01-unpack')
  assert.not.ok(existsSync(build.in('build/by-hand')))
  const [, aside] = /it is kept as (.*), and the build starts over/.exec(next.log) ?? []
  assert.is(readFileSync(`${aside}/build/by-hand`, 'utf8'), 'mine')
})

own('names of files that could lead elsewhere are left alone', async (build) => {
  const odd = `mkdir -p 'build/x\n..'; touch 'build/x\n../victim' "build/it's a \\$(x)"; exit 1`
  mkdirSync(build.place, { recursive: true })
  writeFileSync(build.in('victim'), '')
  await build.job(steps({ '03-build': ['c', 'again', `touch victim; ${odd}`] })).run()
  const second = build.job(steps({ '03-build': ['d', 'again', 'ls build | wc -l >left'] }))
  await second.run()
  assert.is(second.read('exit'), '0\n')
  assert.ok(existsSync(build.in('victim')))
  assert.not.ok(existsSync(build.in("build/it's a $(x)")))
})

test.run()

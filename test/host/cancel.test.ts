/** cancel.sh, what job.sh does about it, and end-processes.sh. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { unless } from '../unless.ts'
import { type JobFolder, JobWorld, TOKEN } from './jobFolder.ts'
import { jobSuite } from './jobSuite.ts'
import { findProgram, shells } from './shells.ts'

const { test, own } = jobSuite('host/cancel.sh, end-processes.sh')

const mark = (words: string) => `\x1e${TOKEN} TIME ${words}\n`
/** Numbers of processes that a step wrote, which are there. A zombie is not. */
function alive(job: JobFolder): string[] {
  const pids = job.read('pids').trim().split('\n')
  return pids.filter((pid) => {
    if (!existsSync(`/proc/${pid}/stat`)) return false
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  })
}
const started = (job: JobFolder, count: number) =>
  job.until(() => job.has('pids') && job.read('pids').split('\n').length > count)

/** Writes its number, then waits for longer than a test. */
const sleeper = (words = '') => `${words} sh -c 'echo $$ >>pids; exec sleep 300'`

own('ends the step, undoes, gives the lock back, and says who wanted it', async (world, shell) => {
  const job = world.job(shell, {
    '01-good': ':',
    '02-long': sleeper(),
    '03-never': 'echo never',
    undo: 'echo undone',
  })
  const followed = job.start()
  await started(job, 1)
  assert.is(await job.cancel().ended, 0)
  assert.is(job.read('exit'), '130\n')
  assert.not(existsSync(world.lock))
  assert.equal(alive(job), [])
  const log = job.log.replace(/done 02-long \d+/, 'done 02-long N').replace(/^.*Terminated.*\n/gm, '')
  assert.is(
    log,
    `${mark('step 01-good')}${mark('done 01-good 0')}${mark('step 02-long')}${mark('done 02-long N')}` +
      `${mark('cancelled ann@laptop')}undone\n${mark('end 130')}`,
  )
  assert.is(await followed.ended, 0)
  assert.is(followed.output().toString(), job.read('log'))
})

own(
  'leaves nothing: children that ignore TERM, in sessions of their own, orphans, daemons',
  async (world, shell) => {
    const job = world.job(shell, {
      '01-many': [
        `(trap '' TERM; ${sleeper()}) &`,
        `${sleeper('setsid')} &`,
        // Its parent is gone at once.
        `(${sleeper('setsid')} &)`,
        `(setsid sh -c '(setsid sh -c "echo \\$\\$ >>pids; exec sleep 300" &)' &)`,
        sleeper(),
      ].join('\n'),
      undo: ':',
    })
    job.start()
    await started(job, 5)
    assert.is(await job.cancel().ended, 0)
    assert.equal(alive(job), [])
  },
)

/** Becomes what it is given, on a host without /proc; no root needed where namespaces are open to all. */
const WITHOUT_PROC = [
  ...['unshare', ...(process.getuid?.() === 0 ? [] : ['-Ur']), '-m'],
  ...['sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'],
]
/** Of a system whose ps needs no /proc: it is shown the one that is hidden. */
const BARE = `unshare -m sh -c 'umount /proc && exec /bin/ps "$@"' ps`
/** As Solaris shows environments; of all processes, whichever are asked for. */
const PARGS = `#!/bin/sh
${BARE} eww -A -o pid= -o args= | awk '{
  print $1 ": " $2
  for (word = 3; word <= NF; word++) if ($word ~ /^[A-Z_]+=/) print "envp[0]: " $word
}'
`
const HOSTS: Record<string, Record<string, string>> = {
  'with pargs': { ps: `#!/bin/sh\nexec ${BARE} "$@"\n`, pargs: PARGS },
  'with ps alone': { ps: `#!/bin/sh\nexec ${BARE} "$@"\n` },
  "with a ps of POSIX's alone": {
    ps: `#!/bin/sh\ncase " $* " in *" sid= "* | *" s= "*) exit 1 ;; esac\nexec ${BARE} "$@"\n`,
  },
}
const canHide = spawnSync(WITHOUT_PROC[0] as string, [...WITHOUT_PROC.slice(1), 'true']).status === 0
const hidden = unless(canHide ? undefined : 'no namespace in which /proc can be hidden', test)
/** Those that Solaris has; others give no process group to what is not on a terminal, but have setsid. */
const ofSolaris = shells.filter(({ name }) => name === 'ksh' || name === 'bash')
/** What a host without setsid has. */
const PROGRAMS =
  'awk cat chmod cmp cp date dd env grep id ls mkdir mount mv nohup rm rmdir sed sh sleep tail tr umount unshare'

for (const [tools, programs] of Object.entries(HOSTS)) {
  for (const shell of 'pargs' in programs ? ofSolaris : ofSolaris.slice(0, 1)) {
    hidden(`leaves nothing on a host without /proc and setsid, ${tools} (${shell.name})`, async () => {
      const world = new JobWorld()
      try {
        const bin = join(world.work, 'bin')
        mkdirSync(bin)
        for (const name of PROGRAMS.split(' ')) symlinkSync(findProgram(name) as string, join(bin, name))
        for (const [name, text] of Object.entries(programs))
          writeFileSync(join(bin, name), text, { mode: 0o755 })
        const setsid = findProgram('setsid') as string
        const steps = [
          `(trap '' TERM; ${sleeper()}) &`,
          `${sleeper(setsid)} &`,
          // Its parent is gone at once.
          `(${sleeper()} &)`,
          // A daemon: only its environment tells whose it is.
          ...('pargs' in programs
            ? [`(${setsid} sh -c '(${setsid} sh -c "echo \\$\\$ >>pids; exec sleep 300" &)' &)`]
            : []),
          sleeper(),
        ]
        const job = world.job(shell, { '01-many': steps.join('\n'), undo: ':' }, { PATH: bin })
        const follower = job.start('me@here', { PATH: bin }, 'run-a', WITHOUT_PROC)
        await started(job, steps.length)
        assert.is(await job.cancel('ann@laptop', { PATH: bin }, WITHOUT_PROC).ended, 0)
        assert.equal(alive(job), [])
        assert.not(existsSync(world.lock))
        assert.is(await follower.ended, 0)
      } finally {
        await world.close()
      }
    })
  }
}

own('touches no process of another job', async (world, shell) => {
  const elsewhere = new JobWorld()
  try {
    const other = elsewhere.job(shell, { '01-other': sleeper(), undo: ':' })
    const job = world.job(shell, { '01-long': sleeper(), undo: ':' })
    for (const one of [other, job]) {
      one.start()
      await started(one, 1)
    }
    assert.is(await job.cancel().ended, 0)
    assert.equal(alive(job), [])
    assert.is(alive(other).length, 1)
    assert.is(await other.cancel().ended, 0)
    assert.equal(alive(other), [])
  } finally {
    await elsewhere.close()
  }
})

own('is too late for what is recorded, and for what has ended', async (world, shell) => {
  const job = world.job(shell, {
    '01-record': 'rm -f undo.root.sh',
    '02-clean': 'echo begun; until [ -f go ]; do sleep 0.1; done; echo cleaned',
    undo: 'echo undone',
  })
  job.start()
  await job.until(() => job.has('log') && job.log.includes('begun'))
  const cancel = job.cancel()
  await job.until(() => job.has('cancelled-by'))
  await new Promise((resolve) => setTimeout(resolve, 1200))
  job.write('go', '')
  assert.is(await cancel.ended, 3)
  assert.is(job.read('exit'), '0\n')
  assert.match(job.log, /cleaned/)
  assert.not.match(job.log, /undone|cancelled/)
  assert.is(await job.cancel().ended, 3)
})

own('ends what is left of a job that was killed', async (world, shell) => {
  const job = world.job(shell, { '01-long': sleeper('setsid'), undo: ':' })
  job.start()
  await started(job, 1)
  process.kill(Number(job.read('pid')), 'SIGKILL')
  assert.is(alive(job).length, 1)
  assert.is(await job.cancel().ended, 4)
  assert.equal(alive(job), [])
})

own('a follower outlives it', async (world, shell) => {
  const job = world.job(shell, { '01-long': sleeper(), undo: ':' })
  const first = job.start()
  await started(job, 1)
  const second = job.follow(0)
  assert.is(await job.cancel().ended, 0)
  assert.is(await first.ended, 0)
  assert.is(await second.ended, 0)
  assert.is(second.output().toString(), job.read('log'))
})

test.run()

/** cancel.sh, what job.sh does about it, and end-processes.sh. */
import { existsSync, readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type JobFolder, JobWorld, TOKEN } from './jobFolder.ts'
import { jobSuite } from './jobSuite.ts'

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

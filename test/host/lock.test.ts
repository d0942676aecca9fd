/** lock.sh: of those who want a host at the same moment one has it, whatever became of those before. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Followed, JobWorld } from './jobFolder.ts'
import { jobSuite } from './jobSuite.ts'
import { type Shell, shells } from './shells.ts'

const { test, own } = jobSuite('host/lock.sh')

/**
 * Has the lock so many times, and says "in" each time, "both" when another one that is there has it too. Its words are those of
 * a job's process.
 */
const RACER = `
lock=$1
. ./alive.sh
. ./lock.sh
left=$2
while [ $left -gt 0 ]; do
  enter_lock "\${PWD##*/}" ann@laptop "$$"
  case $? in
  0)
    : >"$lock.inside.$$"
    for other in "$lock.inside".*; do
      [ "$other" != "$lock.inside.$$" ] || continue
      if kill -0 "\${other##*.}" 2>/dev/null; then echo both; fi
    done
    left=$((left - 1))
    echo in
    rm "$lock.inside.$$"
    leave_lock || echo 'cannot leave'
    ;;
  1) sleep 0.01 ;;
  *)
    echo 'cannot enter'
    exit 1
    ;;
  esac
done
`

/** A racer in a folder of its own. */
function race(world: JobWorld, shell: Shell, times: number): Followed {
  const job = world.job(shell, {})
  job.write('start.sh', RACER)
  return world.spawn(shell.path, ['./start.sh', world.lock, String(times)], job.folder, process.env)
}

const linesOf = ({ output }: Followed) => output().toString().split('\n').filter(Boolean)
const [first, second = first] = shells as [Shell, Shell?]
const TIMES = 100
/** Each shell is in one pair. */
const everySecond = shells.filter((_, index) => index % 2 === 0)

own(
  'two that race for it, 200 times in all, never both enter',
  async (world, shell) => {
    const other = shells[shells.indexOf(shell) + 1] ?? first
    const racers = [shell, other].map((one) => race(world, one, TIMES))
    await Promise.all(racers.map(({ ended }) => ended))
    assert.equal(racers.flatMap(linesOf), Array(2 * TIMES).fill('in'))
    assert.equal(
      readdirSync(world.work).filter((name) => name !== 'jobs'),
      [],
    )
  },
  everySecond,
)

own(
  'the folder of one that was killed at a change, with its mark or before it had one, keeps nobody out',
  async (world, shell) => {
    const [dead, last] = [race(world, shell, 1), race(world, shell, 2)]
    await dead.ended
    for (const mark of [`${dead.process.pid}.job-1`, '']) {
      mkdirSync(join(`${world.lock}.break`, mark), { recursive: true })
      const racer = race(world, shell, 1)
      assert.is(await racer.ended, 0)
      assert.equal(linesOf(racer), ['in'])
    }
    assert.is(await last.ended, 0)
    assert.not(existsSync(`${world.lock}.break`))
  },
)

own(
  'those that are killed at any moment keep nobody out, and let no two in',
  async (world) => {
    const killed: Followed[] = []
    const lane = async (shell: Shell) => {
      for (let tries = 0; tries < 40; tries++) {
        const racer = race(world, shell, 1000)
        killed.push(racer)
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 150))
        if (racer.process.pid) process.kill(-racer.process.pid, 'SIGKILL')
        await racer.ended
      }
    }
    await Promise.all([lane(first), lane(second)])
    assert.equal([...new Set(killed.flatMap(linesOf))], ['in'])
    const last = race(world, first, 3)
    assert.is(await last.ended, 0)
    assert.equal(linesOf(last), ['in', 'in', 'in'])
  },
  [first],
)

test.run()

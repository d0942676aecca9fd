import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { endGroup, TOKEN } from './jobFolder.ts'
import { jobSuite } from './jobSuite.ts'
import { runIn, type Shell, shells } from './shells.ts'

const { test, own } = jobSuite('host/start.sh, job.sh, follow.sh')

const mark = (words: string) => `\x1e${TOKEN} TIME ${words}\n`
const DEAD_PID = 4194304

own(
  'runs the steps in order, each in the job’s folder with its environment, and marks them',
  async (world, shell) => {
    const job = world.job(
      shell,
      { '01-one': 'echo "1 $A"; pwd', '02-two': 'echo two >&2', '10-last': 'read x || echo no input' },
      { A: "it's $(x)" },
    )
    const followed = await job.run()
    assert.is(
      job.log,
      `${mark('step 01-one')}1 it's $(x)\n${job.folder}\n${mark('done 01-one 0')}` +
        `${mark('step 02-two')}two\n${mark('done 02-two 0')}` +
        `${mark('step 10-last')}no input\n${mark('done 10-last 0')}${mark('end 0')}`,
    )
    assert.is(job.read('exit'), '0\n')
    assert.not(existsSync(world.lock))
    assert.not(job.has('reserve'))
    assert.is(await followed.ended, 0)
    assert.is(followed.output().toString(), job.read('log'))
  },
)

own('stops at the first step that fails, undoes, and gives the lock back', async (world, shell) => {
  const job = world.job(shell, {
    '01-good': ':',
    '02-bad.root': 'exit 7',
    '03-never': 'echo never',
    undo: 'echo undone; exit 1',
  })
  await job.run()
  assert.is(
    job.log,
    `${mark('step 01-good')}${mark('done 01-good 0')}${mark('step 02-bad.root')}${mark('done 02-bad.root 7')}undone\n${mark('end 7')}`,
  )
  assert.is(job.read('exit'), '7\n')
  assert.not(existsSync(world.lock))
})

own('does not undo what was recorded for good', async (world, shell) => {
  const job = world.job(shell, {
    '01-record': 'rm -f undo.root.sh',
    '02-clean': 'exit 1',
    undo: 'echo undone',
  })
  await job.run()
  assert.not.match(job.log, /undone/)
  assert.is(job.read('exit'), '1\n')
})

own('runs with privilege just the steps that ask for it', async (world, shell) => {
  const job = world.job(
    shell,
    {
      '01-plain': 'echo "[$AS]"',
      '02-root.root': 'echo "[$AS]"',
      '03-bad': 'exit 1',
      undo: 'echo "[$AS]"',
    },
    { BUILD_STACK_PRIVILEGE: 'env AS=root' },
  )
  await job.run()
  assert.equal(job.log.match(/\[.*\]/g), ['[]', '[root]', '[root]'])
})

own('refuses a second start and names the one who holds the host', async (world, shell) => {
  const first = world.job(shell, { '01-wait': 'until [ -f go ]; do sleep 0.1; done' })
  first.start('ann@laptop')
  await first.until(() => first.has('pid'))
  const second = world.job(shell, { '01-never': ':' }).start('bob@desk')
  assert.is(await second.ended, 75)
  assert.match(
    second.output().toString(),
    /^locked pid \d+ job job-1 by ann@laptop since \d{4}-\d\d-\d\dT[\d:]{8}Z \n$/,
  )
  assert.is(readFileSync(world.lock, 'utf8').split('\n')[0], `pid ${first.read('pid').trim()}`)
  first.write('go', '')
  await first.until(() => first.has('exit'))
  const third = world.job(shell, { '01-ok': ':' })
  await third.run()
  assert.is(third.read('exit'), '0\n')
})

own('breaks the lock of a process that is gone, and of nobody', async (world, shell) => {
  for (const owner of [`pid ${DEAD_PID}\njob old\nby me\n`, 'nonsense\n', '']) {
    writeFileSync(world.lock, owner)
    const job = world.job(shell, { '01-ok': ':' })
    await job.run()
    assert.is(job.read('exit'), '0\n')
    assert.not(existsSync(world.lock))
  }
})

own('goes on when the connection and all that hangs on it are killed', async (world, shell) => {
  const job = world.job(shell, { '01-slow': 'echo begun; until [ -f go ]; do sleep 0.1; done; echo ended' })
  const followed = job.start()
  await job.until(() => followed.output().includes('begun'))
  endGroup(followed.process.pid)
  assert.is(await followed.ended, null)
  job.write('go', '')
  await job.until(() => job.has('exit'))
  assert.is(job.read('exit'), '0\n')
  assert.match(job.log, /begun\nended\n/)
  const late = job.follow(0)
  assert.is(await late.ended, 0)
  assert.is(late.output().toString(), job.read('log'))
})

own('follows from a byte on, without gap or double', async (world, shell) => {
  const job = world.job(shell, {
    '01-count':
      'i=0; while [ $i -lt 500 ]; do echo "line $i"; i=$((i+1)); done; until [ -f go ]; do sleep 0.1; done; echo last',
  })
  const first = job.start()
  await job.until(() => first.output().includes('line 250\n'))
  endGroup(first.process.pid)
  await first.ended
  const offset = first.output().length
  const second = job.follow(offset)
  await job.until(() => second.output().length > 0 || offset === job.read('log').length)
  job.write('go', '')
  assert.is(await second.ended, 0)
  assert.is(Buffer.concat([first.output(), second.output()]).toString(), job.read('log'))
})

own('says that a job is gone that was killed', async (world, shell) => {
  const job = world.job(shell, { '01-slow': 'echo $$ >step.pid; echo begun; exec sleep 60' })
  const followed = job.start()
  await job.until(() => followed.output().includes('begun'))
  process.kill(Number(job.read('pid')), 'SIGKILL')
  assert.is(await followed.ended, 3)
  assert.match(followed.output().toString(), /begun\n$/)
  assert.is(await job.follow(0).ended, 3)
  // And its lock is nobody's.
  await world.job(shell, { '01-ok': ':' }).run()
  process.kill(Number(job.read('step.pid')))
})

own(
  'passes on a last line without its end, bytes that are no text, and a mark that somebody forges',
  async (world, shell) => {
    const job = world.job(shell, {
      '01-odd': `printf '\\000\\377\\200'; printf '\\036beef 2026-01-01T00:00:00Z end 0\\n'; printf 'no end'`,
      '02-next': ':',
    })
    const followed = await job.run()
    assert.is(await followed.ended, 0)
    const log = readFileSync(join(job.folder, 'log'))
    assert.is(Buffer.compare(followed.output(), log), 0)
    assert.ok(log.includes(Buffer.from([0, 0xff, 0x80, 0x1e])))
    assert.ok(log.includes(`no end\x1e${TOKEN} `))
    assert.is(job.read('exit'), '0\n')
  },
)

own('does not run when its lock was taken before it was its own', async (world, shell) => {
  const job = world.job(shell, { '01-never': 'echo never' })
  const other = `pid ${process.pid}\njob other\n`
  writeFileSync(world.lock, other)
  const { code } = runIn(job.folder, shell, ['./job.sh', world.lock, String(DEAD_PID)])
  assert.is(code, 75)
  assert.not(job.has('pid'))
  assert.is(readFileSync(world.lock, 'utf8'), other)
})

own('says what to remove when a lock cannot be changed', async (world, shell) => {
  writeFileSync(`${world.lock}.break`, '')
  const followed = world.job(shell, { '01-never': ':' }).start()
  assert.is(await followed.ended, 75)
  assert.is(
    followed.output().toString(),
    `locked by a lock that cannot be changed while ${world.lock}.break is there\n`,
  )
})

own(
  'lets the jobs of one run be at work together, and no other run before the last has ended',
  async (world, shell) => {
    const wait = { '01-wait': 'until [ -f go ]; do sleep 0.1; done' }
    const [one, two, three] = [world.job(shell, wait), world.job(shell, wait), world.job(shell, wait)]
    one.start('ann@laptop', {}, 'run-a')
    await one.until(() => one.has('pid'))
    two.start('ann@laptop', {}, 'run-a')
    await two.until(() => two.has('pid'))
    const pids = [one, two].map((job) => job.read('pid').trim())
    assert.match(
      readFileSync(world.lock, 'utf8'),
      new RegExp(
        `^pid ${pids[0]}\njob job-1\npid ${pids[1]}\njob job-2\nby ann@laptop\nsince \\S+\nrun run-a\n$`,
      ),
    )
    const refused = world.job(shell, wait).start('bob@desk', {}, 'run-b')
    assert.is(await refused.ended, 75)
    assert.match(
      refused.output().toString(),
      /^locked pid \d+ job job-1 pid \d+ job job-2 by ann@laptop since \S+ \n$/,
    )
    one.write('go', '')
    await one.until(() => one.has('exit'))
    assert.match(readFileSync(world.lock, 'utf8'), new RegExp(`^pid ${pids[1]}\njob job-2\nby ann@laptop\n`))
    // One that was killed leaves its line behind, which the next change takes away.
    process.kill(Number(pids[1]), 'SIGKILL')
    three.start('ann@laptop', {}, 'run-a')
    await three.until(() => three.has('pid'))
    assert.match(
      readFileSync(world.lock, 'utf8'),
      new RegExp(`^pid ${three.read('pid').trim()}\njob job-3\nby `),
    )
    for (const job of [two, three]) job.write('go', '')
    await three.until(() => three.has('exit'))
    assert.not(existsSync(world.lock))
  },
)

own('passes the lock to who follows it, and asks for that', async (world, shell) => {
  const job = world.job(shell, { '01-wait': 'until [ -f go ]; do sleep 0.1; done' })
  job.start('ann@laptop', {}, 'run-a')
  await job.until(() => job.has('pid'))
  const text = readFileSync(world.lock, 'utf8')
  const looking = job.follow(0)
  const followed = job.follow(0, "bob's & /co@desk")
  await job.until(() => looking.output().length > 0 && followed.output().length > 0)
  const lines = (lock: string) => lock.trimEnd().split('\n').sort()
  assert.equal(
    lines(readFileSync(world.lock, 'utf8')),
    lines(text.replace('ann@laptop', () => "bob's & /co@desk")),
  )
  job.write('go', '')
  assert.equal([await looking.ended, await followed.ended], [0, 0])
  assert.is(followed.output().toString(), job.read('log'))
  assert.not(existsSync(world.lock))
})

own('refuses a second job of the same recipe in the same run', async (world, shell) => {
  const wait = { '01-wait': 'until [ -f go ]; do sleep 0.1; done' }
  const [one, two] = [world.job(shell, wait), world.job(shell, wait)]
  for (const job of [one, two]) job.write('recipe', 'tiny\n')
  one.start('ann@laptop', {}, 'run-a')
  await one.until(() => one.has('pid'))
  const refused = two.start('ann@laptop', {}, 'run-a')
  assert.is(await refused.ended, 75)
  assert.match(refused.output().toString(), /^locked pid \d+ job job-1 by ann/)
  one.write('go', '')
  await one.until(() => one.has('exit'))
})

own('has one job of a run at a time at the steps that take turns', async (world, shell) => {
  const all = join(world.work, 'all')
  const step = `echo "start $JOB" >>'${all}'; sleep 0.2; echo "end $JOB" >>'${all}'`
  const jobs = [1, 2, 3].map((number) => {
    const job = world.job(
      shell,
      {
        '01-build': ':',
        '02-install': step,
        '03-record': step,
        '04-clean': 'test ! -f ../../turn || exit 0',
      },
      { JOB: String(number) },
    )
    job.write('turns', '02-install\n03-record\n')
    return job
  })
  for (const job of jobs) job.start('ann@laptop', {}, 'run-a')
  for (const job of jobs) await job.until(() => job.has('exit'))
  const lines = readFileSync(all, 'utf8').trimEnd().split('\n')
  assert.is(lines.length, 12)
  for (let i = 0; i < lines.length; i += 4) {
    const [, job] = (lines[i] ?? '').split(' ')
    assert.equal(lines.slice(i, i + 4), [`start ${job}`, `end ${job}`, `start ${job}`, `end ${job}`])
  }
  assert.not(existsSync(join(world.work, 'turn')))
})

own(
  'takes the turn of a job that was killed, and ends one that waits for its turn when it is cancelled',
  async (world, shell) => {
    const wait = { '01-install': 'until [ -f go ]; do sleep 0.1; done', undo: 'echo undone' }
    const [one, two, three] = [world.job(shell, wait), world.job(shell, wait), world.job(shell, wait)]
    for (const job of [one, two, three]) job.write('turns', '01-install\n')
    one.start('ann@laptop', {}, 'run-a')
    await one.until(() => one.log.includes('01-install'))
    two.start('ann@laptop', {}, 'run-a')
    await two.until(() => two.has('pid'))
    const cancelled = two.cancel()
    // Its undo waits for the turn.
    await two.until(() => two.log.includes('cancelled'))
    process.kill(Number(one.read('pid')), 'SIGKILL')
    assert.is(await cancelled.ended, 0)
    assert.not.match(two.log, /step/)
    assert.match(two.log, /undone\n/)
    three.start('ann@laptop', {}, 'run-a')
    await three.until(() => three.log.includes('01-install'))
    for (const job of [one, three]) job.write('go', '')
    await three.until(() => three.has('exit'))
    assert.is(three.read('exit'), '0\n')
  },
)

const [first] = shells as [Shell]

own(
  'passes on 100,000 lines',
  async (world, shell) => {
    const job = world.job(shell, {
      '01-much': 'yes "a line of a compiler that has much to say about a file" | head -100000',
    })
    const followed = await job.run()
    assert.is(await followed.ended, 0)
    assert.is(followed.output().length, readFileSync(join(job.folder, 'log')).length)
    assert.is(followed.output().toString().split('\n').length, 100_004)
  },
  [first],
)

own(
  'never runs two at once, however many start',
  async (world) => {
    const all = join(world.work, 'all')
    writeFileSync(world.lock, `pid ${DEAD_PID}\n`)
    const step = `echo "start $JOB" >>'${all}'; sleep 0.05; echo "end $JOB" >>'${all}'`
    const jobs = Array.from({ length: 30 }, (_, i) =>
      world.job(shells[i % shells.length] as Shell, { '01-step': step }, { JOB: String(i) }),
    )
    const runs = jobs.map(async (job) => {
      const { process: child } = job.start()
      await job.until(() => child.exitCode !== null || job.has('exit'), 60)
      assert.ok(child.exitCode === 75 || job.has('exit'), `${child.exitCode}`)
    })
    await Promise.all(runs)
    const lines = readFileSync(all, 'utf8').trimEnd().split('\n')
    assert.ok(lines.length >= 2)
    for (let i = 0; i < lines.length; i += 2) {
      assert.match(lines[i] ?? '', /^start/)
      assert.is(lines[i + 1], lines[i]?.replace('start', 'end'))
    }
    assert.not(existsSync(`${world.lock}.break`))
  },
  [first],
)

test.run()

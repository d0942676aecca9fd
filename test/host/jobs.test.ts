import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { parseJobs } from '../../runner/run/hostJobs.ts'
import { JobWorld } from './jobFolder.ts'
import { runIn, shells } from './shells.ts'

const test = suite('host/jobs.sh')

const HISTORY = (recipe: string) =>
  `{"at":"@AT@","by":"ann@laptop","recipe":"${recipe}","action":"install","to":"1.0","result":"@RESULT@","seconds":@SECONDS@}\n`

for (const shell of shells) {
  test(`tells the jobs of a host, newest first, with state, code and step (${shell.name})`, async () => {
    const world = new JobWorld()
    const ask = (...words: string[]) => {
      const input = readFileSync(hostScript('jobs.sh'))
      const { code, stdout, stderr } = runIn(world.work, shell, ['-s', world.work, ...words], { input })
      assert.equal([code, stderr], [0, ''])
      return parseJobs(stdout)
    }
    try {
      assert.equal(ask('10'), [])
      const failed = world.job(shell, { '01-good': ':', '02-make.root': 'printf "\\377 no"; exit 3' })
      failed.write('history.json', HISTORY('job'))
      await failed.run()
      const running = world.job(shell, { '01-unpack': ':', '02-wait': 'until [ -f go ]; do sleep 0.1; done' })
      running.write('history.json', HISTORY('other'))
      running.start()
      await running.until(() => running.has('log') && running.log.includes('step 02-wait'))
      const [newest, oldest, ...more] = ask('10')
      assert.equal(more, [])
      const names = (job: typeof newest) => [job?.recipe, job?.state, job?.code, job?.step, job?.by, job?.to]
      assert.equal(names(newest), ['other', 'running', undefined, 'wait', 'ann@laptop', '1.0'])
      assert.equal(names(oldest), ['job', 'failed', 3, 'make', 'ann@laptop', '1.0'])
      for (const time of [newest?.since, oldest?.since, oldest?.until]) {
        assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/)
      }
      assert.is(ask('1').length, 1)
      assert.equal(ask('10', 'nothing'), [])
      assert.is(ask('10', 'job').length, 2)
      process.kill(Number(running.read('pid')), 'SIGKILL')
      running.write('go', '')
      await running.until(() => ask('1')[0]?.state === 'gone')
    } finally {
      await world.close()
    }
  })
}

test.run()

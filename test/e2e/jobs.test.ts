/** Jobs on hosts, seen and ended from elsewhere: ps, logs, attach, cancel. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { otherController } from './otherController.ts'
import { usableServers } from './servers.ts'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { type Event, eventsOf, type Outcome, Workshop } from './workshop.ts'

/** The processes of this machine, sandboxes included, whose words have this in them. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
      } catch {
        return false
      }
    })
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 200)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

for (const server of usableServers()) {
  const workshop = new Workshop(server.env)
  // No other process of this machine sleeps for just so long.
  const seconds = 3_000_000 + process.pid
  const changed = {
    configure: (text: string) =>
      text.replace(
        '#!/bin/sh',
        [
          '#!/bin/sh',
          'echo first line',
          'case $TINY_VALUE in',
          // A child of the session, one that ignores TERM, and a daemon that left both.
          `cancel*) sleep ${seconds} & (trap '' TERM; exec sleep ${seconds}) & (setsid sleep ${seconds} &); sleep ${seconds} ;;`,
          'slow*) until [ -f /var/tmp/go ]; do sleep 1; done; rm /var/tmp/go ;;',
          'esac',
          'echo last line',
        ].join('\n'),
      ),
  }
  const archive = packTiny(workshop.archives, '1.0', changed)
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive))
  const writeHosts = (value: string) =>
    workshop.write(
      'hosts.yaml',
      JSON.stringify({
        hosts: { box: { address: 'sandbox', env: { TINY_VALUE: value }, recipes: { tiny: '*' } } },
      }),
    )

  /** Ends the configure of a slow one. */
  const letGo = () => writeFileSync(`${workshop.root('box')}/var/tmp/go`, '')

  /** Starts a run, calls `meanwhile` once its configure has printed, and resolves to how the two ended. */
  async function during<T>(meanwhile: () => Promise<T>): Promise<{ run: Outcome; found: T }> {
    let found: Promise<T> | undefined
    const run = workshop.start(['box'], (event) => {
      if (event.type !== 'output' || event.line !== 'first line' || found) return
      found = meanwhile()
      // Looked at when the run has ended.
      found.catch(() => run.kill())
    })
    const outcome = await run.ended
    assert.ok(found, outcome.stdout)
    return { run: outcome, found: await found }
  }

  const jobs = suite(`jobs on a host, with ${server.name}`)

  jobs('before any: ps and logs say so, attach and cancel find none', async () => {
    writeHosts('none')
    const none = await workshop.command('ps')
    assert.equal([none.code, none.stdout], [0, 'no job has been started\n'])
    const logs = await workshop.command('logs', 'box', 'tiny')
    assert.is(logs.code, 64)
    assert.match(logs.stderr, /no job of "tiny" has been started/)
    for (const words of [
      ['ps', '--last', '1e1'],
      ['box', '--jobs', '1e1'],
    ]) {
      const { code, stderr } = await workshop.command(...words)
      assert.is(code, 64)
      assert.match(stderr, /it is a whole number from 1 on/)
    }
    for (const words of [['attach'], ['cancel']]) {
      const { code, stderr } = await workshop.command(...words, 'box')
      assert.is(code, 1)
      assert.match(stderr, /no job is running/)
    }
  })

  jobs(
    'ps shows what runs, at which step, by whom; attach follows it from its first line to its end',
    async () => {
      writeHosts('slow 1')
      const { run, found } = await during(async () => {
        const attached = workshop.command('attach', 'box')
        const listed = await workshop.command('ps', '--json', '--running')
        letGo()
        return { listed: eventsOf(listed.stdout), attached: await attached }
      })
      assert.is(run.code, 0, run.stdout)
      const [job, ...others] = found.listed
      assert.equal(others, [])
      assert.is(job?.state, 'running')
      assert.equal([job?.recipe, job?.to, job?.action, job?.step], ['tiny', '1.0', 'install', 'configure'])
      assert.match(String(job?.by), /^\S+@\S+$/)
      assert.match(String(job?.since), /^\d{4}-\d\d-\d\dT/)
      assert.is(found.attached.code, 0, found.attached.stderr)
      assert.match(found.attached.stderr, /^box: tiny-1\.0-\S+, started by \S+@\S+\n$/)
      const text = found.attached.stdout
      assert.match(text, /=== configure\nfirst line\nlast line\nconfigured for \/opt\/local\n=== build\n/)
      assert.is(text.match(/^first line$/gm)?.length, 1)
      assert.match(text, /=== clean\n$/)
    },
  )

  jobs(
    'logs prints the newest job’s log, one step of it, the same from the copy here, and follows',
    async () => {
      const whole = await workshop.command('logs', 'box', 'tiny')
      assert.is(whole.code, 0, whole.stderr)
      assert.match(whole.stdout, /=== configure\nfirst line\nlast line\nconfigured for/)
      assert.not.ok(whole.stdout.includes('\x1e'))
      const one = await workshop.command('logs', 'box', 'tiny', 'configure')
      assert.is(one.stdout, 'first line\nlast line\nconfigured for /opt/local\n')
      assert.is((await workshop.command('logs', 'box', 'tiny', '--offline')).stdout, whole.stdout)
      assert.is((await workshop.command('logs', 'box', 'tiny', 'configure', '--offline')).stdout, one.stdout)
      const unknown = await workshop.command('logs', 'box', 'tiny', 'confgure')
      assert.is(unknown.code, 64)
      assert.match(unknown.stderr, /no step "confgure"/)
      assert.match(unknown.stderr, /configure/)
      writeHosts('slow 2')
      const { found } = await during(() => {
        const followed = workshop.command('logs', 'box', 'tiny', 'configure', '-f')
        letGo()
        return followed
      })
      assert.equal([found.code, found.stdout], [0, one.stdout])
    },
  )

  jobs('cancel ends every process of the job, gives the lock back, and the run says who did', async () => {
    const before = workshop.prefix('box')
    writeHosts('cancel 1')
    const { run, found } = await during(async () => {
      await until(() => processesWith(String(seconds)).length >= 4)
      return workshop.command('cancel', 'box')
    })
    assert.is(found.code, 0, found.stderr)
    assert.match(found.stdout, /^box: tiny-1\.0-\S+: cancelled\n$/)
    assert.equal(processesWith(String(seconds)), [])
    assert.not.ok(existsSync(`${workshop.root('box')}/var/tmp/build-stack/lock`))
    assert.equal(workshop.prefix('box'), before)
    assert.is(run.code, 130, run.stdout)
    const errors = eventsOf(run.stdout).flatMap((event) => (event.error ? [event.error as Event] : []))
    assert.is(errors[0]?.code, 'INTERRUPTED')
    assert.match(String(errors[0]?.message), /^the job was cancelled by \S+@\S+; /)
    const [last] = eventsOf((await workshop.command('ps', '--json', '--last', '1')).stdout)
    assert.equal([last?.state, last?.code, last?.step], ['cancelled', 130, 'configure'])
    const history = eventsOf((await workshop.command('history', 'box', '--json')).stdout)
    assert.is((history.at(-1) as unknown as { result: string }).result, 'cancelled')
    const late = await workshop.command('cancel', 'box', String(last?.job))
    assert.equal([late.code, late.stdout.includes('too late')], [1, true])
    // And the host is free for the next.
    writeHosts('fast')
    assert.is((await workshop.build('box')).code, 0)
  })

  jobs('attach to a job that is cancelled ends with 130', async () => {
    writeHosts('cancel 2')
    const { found } = await during(async () => {
      const attached = workshop.command('attach', 'box')
      await new Promise((resolve) => setTimeout(resolve, 1500))
      assert.is((await workshop.command('cancel', 'box')).code, 0)
      return attached
    })
    assert.is(found.code, 130, found.stderr)
    assert.match(found.stderr, /the job was cancelled by/)
    assert.equal(processesWith(String(seconds)), [])
  })

  jobs('several at once: attach follows them from another controller, cancel ends them all', async () => {
    workshop.write('recipes/twin.yaml', tinyRecipe(packTiny(workshop.archives, '1.1', changed)))
    const env = { TINY_VALUE: 'cancel several' }
    const box = { address: 'sandbox', jobs: 2, env, recipes: { tiny: '*', twin: '*' } }
    workshop.write('hosts.yaml', JSON.stringify({ hosts: { box } }))
    const before = workshop.prefix('box')
    const elsewhere = otherController(workshop, 'box')
    try {
      const begun = new Set<unknown>()
      const run = workshop.start(['box'], (event) => {
        if (event.type === 'output' && event.line === 'first line') begun.add(event.recipe)
      })
      await until(() => begun.size === 2)
      const followed = new Set<unknown>()
      const attached = elsewhere.start(
        ['attach', 'far'],
        (event) => {
          if (event.type === 'output' && event.line === 'first line') followed.add(event.recipe)
        },
        [],
        [],
      )
      await until(() => followed.size === 2)
      const cancelled = await workshop.command('cancel', 'box')
      assert.is(cancelled.code, 0, cancelled.stderr)
      assert.match(
        cancelled.stdout.split('\n').sort().join('\n'),
        /^\nbox: tiny-\S+: cancelled\nbox: twin-\S+: cancelled$/,
      )
      assert.equal([(await run.ended).code, (await attached.ended).code], [130, 130])
      assert.equal(processesWith(String(seconds)), [])
      assert.not.ok(existsSync(`${workshop.root('box')}/var/tmp/build-stack/lock`))
      assert.equal(workshop.prefix('box'), before)
    } finally {
      await elsewhere.close()
      workshop.remove('recipes/twin.yaml')
    }
  })

  jobs('what has failed is shown as failed, with its step', async () => {
    writeHosts('fails')
    workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { configure: ['--fail'] }))
    assert.is((await workshop.build('box')).code, 1)
    const { stdout } = await workshop.command('ps', 'box', '--last', '1')
    assert.match(stdout, /^host +recipe +action +version +state +step +since +by +job\n/)
    assert.match(
      stdout,
      /\nbox +tiny +rebuild +1\.0 +failed \(77\) +configure +\d{4}-.* ago\) +\S+@\S+ +tiny-1\.0-/,
    )
    assert.match((await workshop.command('logs', 'box', 'tiny', 'configure')).stdout, /no luck\n/)
  })

  jobs.after(() => workshop.close())
  jobs.run()
}

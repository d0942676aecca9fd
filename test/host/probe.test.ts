import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { hostScript } from '../../runner/paths.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import { parseProbe, probeCommand } from '../../runner/probe/probe.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { shells } from './shells.ts'

const test = suite<{ folder: string }>('host/probe.sh')
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'build-stack-probe-'))
})
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }))

const PATH = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']

interface Place {
  prefix: string
  work: string
  path?: string[]
}

/** As the command runs on a host: a shell that reads it all from standard input. */
function output(shell: string, place: Place, before = ''): string {
  const { command, stdin } = probeCommand({ path: PATH, ...place })
  assert.is(command, 'exec /bin/sh -s')
  const { stdout, stderr } = spawnSync(shell, ['-s'], {
    input: before + stdin,
    encoding: 'utf8',
    env: { PATH: '/usr/bin' },
  })
  assert.is(stderr, '')
  return stdout
}

function probe(shell: string, place: Place): Facts {
  return parseProbe(output(shell, place), 'box')
}

/** No Bourne shell is packaged; one that somebody built is tried where this names it. */
const bourne = process.env.BUILD_STACK_BOURNE_SHELL
const all = [...shells, ...(bourne ? [{ name: 'Bourne', path: bourne }] : [])]

for (const shell of all) {
  const own = (title: string, body: (folder: string, shell: string) => void) =>
    test(`${title} (${shell.name})`, ({ folder }) => body(folder, shell.path))

  own('finds what this machine has', (folder, shell) => {
    const facts = probe(shell, { prefix: folder, work: folder })
    const say = (command: string, ...words: string[]) =>
      spawnSync(command, words, { encoding: 'utf8' }).stdout.trim()
    assert.is(facts.os, say('uname', '-s'))
    assert.is(facts.release, say('uname', '-r'))
    assert.is(facts.machine, say('uname', '-m'))
    assert.is(facts.node, say('uname', '-n'))
    assert.is(facts.kernel, say('uname', '-v'))
    assert.is(facts.uid, process.getuid?.())
    assert.is(facts.user, say('id', '-un'))
    assert.is(facts.cpus, Number(say('nproc')))
    assert.is(facts.make, say('make', '--version').split('\n')[0])
    assert.is(
      facts.tools.tar,
      ['/usr/bin/tar', '/bin/tar'].find((path) => facts.tools.tar === path),
    )
    assert.ok((facts.memory ?? 0) > 1e8)
    assert.ok((facts.diskFree.work ?? 0) > 1e6)
    assert.equal(facts.writable, { prefix: true, work: true })
    assert.is(facts.privilege, 'none')
    assert.match(facts.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.ok(
      ['/bin/dash', '/bin/ksh', '/usr/bin/ksh', '/bin/bash', '/usr/bin/bash', '/bin/sh'].includes(
        facts.shell,
      ),
    )
    assert.equal([facts.receipts, facts.jobs, facts.journals, facts.lock], [{}, [], [], undefined])
  })

  own('reads receipts, journals, jobs and the lock from folders with odd names', (folder, shell) => {
    const prefix = join(folder, `pre fix's $(touch hit) "x"`)
    const work = join(folder, 'wo\nrk `touch hit` *')
    const running = spawn('sh', ['-c', 'read line', './job.sh'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const write = (path: string, text: string) => {
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, text)
    }
    const records = join(prefix, 'var/build-stack')
    write(join(records, 'receipts/tool.json'), `${JSON.stringify(receipt('tool'))}\n`)
    write(join(records, 'receipts/pretty.json'), JSON.stringify(receipt('pretty'), null, '\t'))
    write(join(records, 'receipts/half.json'), '{"format":1,\n"lock\tx":')
    write(join(records, 'receipts/other.json'), JSON.stringify(receipt('tool')))
    write(join(records, 'receipts/tool.files'), 'f ...\n')
    write(join(records, 'journal/tool.services/state'), 'switching\n')
    for (const [id, files] of Object.entries({
      'done-1': { pid: '1', exit: '0' },
      'runs-1': { pid: String(running.pid) },
      'other-1': { pid: String(process.pid) },
      'gone-1': { pid: '4194304' },
      'never-1': {},
    }))
      for (const [name, text] of Object.entries({ log: '', ...files }))
        write(join(work, 'jobs', id, name), `${text}\n`)
    write(join(work, 'lock'), 'pid 12\njob runs-1\nby ann@laptop\nsince 2026\n')
    const facts = probe(shell, { prefix, work })
    running.stdin.end()
    assert.equal(facts.receipts, { tool: receipt('tool'), pretty: receipt('pretty') })
    assert.equal(Object.keys(facts.damagedReceipts), ['half', 'other'])
    assert.match(facts.damagedReceipts.half ?? '', /not valid JSON/)
    assert.match(facts.damagedReceipts.other ?? '', /the one of tool/)
    assert.equal(facts.journals, ['tool.services'])
    assert.equal(facts.jobs, [
      { id: 'gone-1', state: 'ended' },
      // Another process has the number now.
      { id: 'other-1', state: 'ended' },
      { id: 'runs-1', state: 'running' },
    ])
    assert.is(facts.lock, 'pid 12 job runs-1 by ann@laptop since 2026')
    assert.is(spawnSync('find', [folder, '-name', 'hit'], { encoding: 'utf8' }).stdout, '')
  })

  own('says what is free and writable above folders that are not there yet', (folder, shell) => {
    const facts = probe(shell, { prefix: join(folder, 'a/b c/d'), work: join(folder, 'w/x') })
    assert.ok((facts.diskFree.prefix ?? 0) > 1e6)
    assert.equal(facts.writable, { prefix: true, work: true })
    assert.is(spawnSync('ls', ['-A', folder], { encoding: 'utf8' }).stdout, '')
  })

  own(
    'takes the first of several tools, and only those on the path that hosts.yaml gives',
    (folder, shell) => {
      const fake = (path: string, text = '', mode = 0o755) => {
        mkdirSync(join(folder, path, '..'), { recursive: true })
        writeFileSync(join(folder, path), text, { mode })
      }
      fake('one dir/gmake', '', 0o644)
      fake('two*/gmake')
      fake('three/gmake')
      fake(
        'three/psrinfo',
        '#!/bin/sh\nprintf "0\\ton-line   since 11/24/2025 06:04:01\\n1\\ton-line   since 11/24/2025 06:04:01\\n"\n',
      )
      fake('three/svcs', '#!/bin/sh\necho "online - Nov_24 svc:/application/build-stack/web:default"\n')
      for (const name of ['svcadm', 'svccfg', 'pkgin']) fake(`three/${name}`)
      const path = ['one dir', 'two*', 'three', 'missing'].map((name) => join(folder, name))
      const facts = probe(shell, { prefix: folder, work: folder, path })
      assert.equal(facts.tools, {
        gmake: join(folder, 'two*/gmake'),
        ...Object.fromEntries(
          ['svcs', 'svcadm', 'svccfg', 'pkgin', 'psrinfo'].map((name) => [name, join(folder, 'three', name)]),
        ),
      })
      assert.is(facts.cpus, 2)
      assert.equal([facts.supervisor, facts.packageManager], ['smf', 'pkgin'])
      assert.equal(facts.services, [
        {
          fmri: 'svc:/application/build-stack/web:default',
          state: 'online',
          nextState: '-',
          since: 'Nov_24',
        },
      ])
    },
  )
}

const asNobody = process.getuid?.() === 0
const notRoot = asNobody ? test : test.skip

notRoot(
  'asks for pfexec and sudo only where the prefix is not to be written, and believes only a root',
  ({ folder }) => {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    spawnSync('chmod', ['755', folder])
    const fake = (name: string, text: string) =>
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    const run = (): Facts => {
      const { stdin } = probeCommand({ prefix: folder, work: '/tmp', path: [bin] })
      const { stdout } = spawnSync('/bin/sh', ['-s'], {
        input: stdin,
        encoding: 'utf8',
        uid: 65534,
        gid: 65534,
        cwd: '/',
      })
      return parseProbe(stdout, 'box')
    }
    assert.is(run().privilege, undefined)
    fake('pfexec', 'exec "$@"')
    assert.is(run().privilege, undefined)
    fake('sudo', `[ "$1" = -n ] && echo 'uid=0(root) gid=0(root)'`)
    assert.is(run().privilege, 'sudo')
    fake('pfexec', `echo 'uid=0(root) gid=1(other)'`)
    const facts = run()
    assert.is(facts.privilege, 'pfexec')
    assert.equal(facts.writable, { prefix: false, work: true })
  },
)

test('is found behind banners and noisy profiles', ({ folder }) => {
  const noisy = output(
    '/bin/sh',
    { prefix: folder, work: folder },
    'echo "Welcome to box"; printf "uname\\tno\\n"; printf "no end"\n',
  )
  assert.is(parseProbe(noisy, 'box').cpus, probe('/bin/sh', { prefix: folder, work: folder }).cpus)
})

test('refuses an answer that was cut, and none', ({ folder }) => {
  const whole = output('/bin/sh', { prefix: folder, work: folder })
  for (const text of ['', 'Account locked.\n', whole.slice(0, -30), whole.slice(40), whole.slice(0, 200)]) {
    assert.throws(
      () => parseProbe(text, 'box'),
      (error: unknown) =>
        error instanceof BuildStackError &&
        error.code === 'HOST' &&
        /did not answer the probe/.test(error.message),
    )
  }
})

test('runs where the host’s path has nothing', ({ folder }) => {
  const facts = probe('/bin/sh', { prefix: folder, work: folder, path: [join(folder, 'none')] })
  assert.equal(facts.tools, {})
  assert.ok(facts.shell)
})

test('changes nothing', ({ folder }) => {
  const before = spawnSync('find', [folder, '-newer', hostScript('probe.sh')], { encoding: 'utf8' }).stdout
  cpSync(hostScript('probe.sh'), join(folder, 'x'))
  symlinkSync('x', join(folder, 'y'))
  output('/bin/sh', { prefix: folder, work: folder })
  assert.is(spawnSync('ls', ['-A', folder], { encoding: 'utf8' }).stdout, 'x\ny\n')
  assert.type(before, 'string')
})

/** What a shell script's reader sees: no comments, no single-quoted text. */
function bareText(script: string): string {
  return script
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/'[^']*'/g, "''")
}

for (const script of ['probe.sh', 'await.sh', 'ready.sh'])
  test(`has nothing that the Bourne shell of old Solaris lacks: ${script}`, () => {
    const text = bareText(readFileSync(hostScript(script), 'utf8'))
    for (const [what, pattern] of Object.entries({
      '$( )': /\$\(/,
      'export A=b': /export\s+\w+=/,
      '! command': /(^|[;&|]|\b(if|while|until|then|do)\s)\s*!\s/m,
      'test -e': /(\[|\btest)\s+(!\s+)?-e\s/,
      '${x#y}': /\$\{\w+[#%]/,
      '${#x}': /\$\{#/,
      '[[': /\[\[/,
      local: /\blocal\s/,
      '~': /~/,
      '^ outside of quotes': /\^/,
      'case (x)': /^\s*\([^)]*\)\s/m,
      'function f': /\bfunction\s/,
      'trap EXIT': /\btrap\b.*\bEXIT\b/,
      'command -v': /\bcommand\s+-v/,
      'read -r': /\bread\s+-r/,
    }))
      assert.not.match(text, pattern, what)
  })

test.run()
